"""Requests may come by mail, by telephone and at the counter."""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    allow_channels(('portal', 'mail', 'phone', 'counter'))
    op.create_table('arrivals',
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('basis', sa.Enum('server', 'earliest', 'read', 'said', 'desk', name='basis', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('unread', sa.Boolean(), nullable=False),
    sa.Column('taken_by', sa.String(length=32), nullable=True),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_arrivals_case_id_cases')),
    sa.ForeignKeyConstraint(['taken_by'], ['staff.id'], name=op.f('fk_arrivals_taken_by_staff')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_arrivals'))
    )
    op.create_table('read_mails',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_read_mails_case_id_cases')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_read_mails'))
    )
    with op.batch_alter_table('read_mails', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_read_mails_case_id'), ['case_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('read_mails', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_read_mails_case_id'))

    op.drop_table('read_mails')
    op.drop_table('arrivals')
    op.execute("UPDATE cases SET channel = 'portal'")
    allow_channels(('portal',))


def allow_channels(values: tuple[str, ...]) -> None:
    """Let the column hold just these words."""
    listed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_cases_channel'), type_='check')
        batch_op.create_check_constraint(op.f('ck_cases_channel'), f'channel IN ({listed})')
