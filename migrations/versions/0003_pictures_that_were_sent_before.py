"""A picture of a card that somebody else sent too can be told: by a fingerprint that lives as long as its key."""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('fingerprint', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('same_as', sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f('ix_evidence_same_as'), ['same_as'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_same_as'))
        batch_op.drop_column('same_as')
        batch_op.drop_column('fingerprint')
