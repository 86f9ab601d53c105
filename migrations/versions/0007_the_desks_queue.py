"""The queue is as fast at a million requests as at a thousand; requests may be put aside; who looks; saved views."""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

OPEN = "CASE WHEN status IN ('deciding', 'identity', 'received', 'second', 'waiting') THEN 1 ELSE 0 END = 1"
ANSWERED = "CASE WHEN status IN ('answered', 'carried_out') THEN 1 ELSE 0 END = 1"
PARTIAL = {
    'ix_cases_open': (('due_on', 'id', 'sleeps_until', 'status'), OPEN),
    'ix_cases_open_right': (('right_slug', 'due_on', 'id', 'sleeps_until', 'status'), OPEN),
    'ix_cases_open_language': (('language', 'due_on', 'id', 'sleeps_until', 'status'), OPEN),
    'ix_cases_open_both': (('right_slug', 'language', 'due_on', 'id', 'sleeps_until', 'status'), OPEN),
    'ix_cases_mine': (('assigned_to', 'due_on', 'id', 'sleeps_until', 'status'), OPEN),
    'ix_cases_free': (('due_on', 'id', 'sleeps_until', 'status'), f'{OPEN} AND assigned_to IS NULL'),
    'ix_cases_asleep': (('due_on', 'id', 'sleeps_until', 'status'), f'{OPEN} AND sleeps_until IS NOT NULL'),
    'ix_cases_answered': (('due_on', 'id'), ANSWERED),
}


def upgrade() -> None:
    op.create_table('presences',
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('deciding', sa.Boolean(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'staff_id', name=op.f('pk_presences'))
    )
    op.create_index('ix_presences_seen', 'presences', ['seen_at'], unique=False)
    op.create_table('saved_views',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('view', sa.String(length=16), nullable=False),
    sa.Column('right_slug', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_saved_views_staff_id_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views'))
    )
    op.create_index(op.f('ix_saved_views_staff_id'), 'saved_views', ['staff_id'], unique=False)
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.add_column(sa.Column('keys', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column('next_due', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sleeps_until', sa.Date(), nullable=True))
    op.create_index('ix_cases_right_due', 'cases', ['right_slug', 'due_on', 'id'], unique=False)
    op.create_index('ix_cases_language_due', 'cases', ['language', 'due_on', 'id'], unique=False)
    op.create_index('ix_cases_both_due', 'cases', ['right_slug', 'language', 'due_on', 'id'], unique=False)
    for name, (columns, rows) in PARTIAL.items():
        where = sa.text(rows)
        op.create_index(name, 'cases', list(columns), unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name in (*PARTIAL, 'ix_cases_both_due', 'ix_cases_language_due', 'ix_cases_right_due'):
        op.drop_index(name, table_name='cases')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_column('sleeps_until')
    with op.batch_alter_table('staff', schema=None) as batch_op:
        batch_op.drop_column('next_due')
        batch_op.drop_column('keys')
    op.drop_index(op.f('ix_saved_views_staff_id'), table_name='saved_views')
    op.drop_table('saved_views')
    op.drop_index('ix_presences_seen', table_name='presences')
    op.drop_table('presences')
