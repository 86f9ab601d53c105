"""A file may answer a manual task: then it belongs to the task, and to no message."""

import sqlalchemy as sa
from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

ONE = '(message_id IS NULL) <> (task_id IS NULL)'


def upgrade() -> None:
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.alter_column('message_id', existing_type=sa.String(length=32), nullable=True)
        batch_op.add_column(sa.Column('task_id', sa.String(length=32), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f('fk_attachments_task_id_manual_tasks'), 'manual_tasks', ['task_id'], ['id']
        )
        batch_op.create_check_constraint(batch_op.f('ck_attachments_of_one'), sa.text(ONE))


def downgrade() -> None:
    """Files found by hand have no place in what was before: they go, and the sweep removes what lies in the vault."""
    op.execute(sa.text('DELETE FROM attachments WHERE message_id IS NULL'))
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_attachments_of_one'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_attachments_task_id_manual_tasks'), type_='foreignkey')
        batch_op.drop_column('task_id')
        batch_op.alter_column('message_id', existing_type=sa.String(length=32), nullable=False)
