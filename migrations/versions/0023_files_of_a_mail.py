"""A file that came with a mail may be the copy of a card: it has a key of its own, so that it alone can be destroyed."""

import sqlalchemy as sa
from alembic import op


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('attachments') as table:
        table.add_column(sa.Column('own_key', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('attachments') as table:
        table.alter_column('own_key', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('attachments') as table:
        table.drop_column('own_key')
