"""What a reviewer asks a colleague to look up by hand, in their own words: sealed, beside the tasks of the data map."""

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('manual_tasks') as table:
        table.add_column(sa.Column('asked', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('manual_tasks') as table:
        table.drop_column('asked')
