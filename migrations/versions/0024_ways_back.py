"""A browser keeps the way back to a request that was not sent; of the word it holds only the hash is here."""

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ways_back',
    sa.Column('word_hash', sa.String(length=64), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_ways_back_conversation_id_conversations')),
    sa.PrimaryKeyConstraint('word_hash', name=op.f('pk_ways_back'))
    )
    with op.batch_alter_table('ways_back', schema=None) as batch_op:
        batch_op.create_index('ix_ways_back_conversation', ['conversation_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('ways_back', schema=None) as batch_op:
        batch_op.drop_index('ix_ways_back_conversation')

    op.drop_table('ways_back')
