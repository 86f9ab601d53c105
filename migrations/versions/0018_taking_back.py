"""An answer that can be taken back for half a minute."""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_before', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('undo_until', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_column('undo_until')
        batch_op.drop_column('answered_before')
