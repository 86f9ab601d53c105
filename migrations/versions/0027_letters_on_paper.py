"""Who has no mailbox gets letters on paper; and a request may come by letter."""

import sqlalchemy as sa
from alembic import op


revision = '0027'
down_revision = '0026'
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
    allow_channels(('portal', 'mail', 'phone', 'counter', 'post'))
    op.create_table('post_letters',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('letter', sa.String(length=48), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('leaves_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file', sa.String(length=32), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('way', sa.Enum('post', 'registered', 'counter', name='way', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('noted_by', sa.String(length=32), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_post_letters_case_id_cases')),
    sa.ForeignKeyConstraint(['noted_by'], ['staff.id'], name=op.f('fk_post_letters_noted_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post_letters'))
    )
    op.create_index(op.f('ix_post_letters_case_id'), 'post_letters', ['case_id'], unique=False)
    op.create_index('ix_post_letters_waiting', 'post_letters', ['left_on', 'queued_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_post_letters_waiting', table_name='post_letters')
    op.drop_index(op.f('ix_post_letters_case_id'), table_name='post_letters')
    op.drop_table('post_letters')
    op.execute("UPDATE cases SET channel = 'mail' WHERE channel = 'post'")
    allow_channels(('portal', 'mail', 'phone', 'counter'))


def allow_channels(values: tuple[str, ...]) -> None:
    """Let the column hold just these words. SQLite rewrites the table, so the queue's indexes are put in order again."""
    listed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_cases_channel'), type_='check')
        batch_op.create_check_constraint(op.f('ck_cases_channel'), f'channel IN ({listed})')
    for name in PARTIAL:
        op.drop_index(name, table_name='cases')
    for name, (columns, rows) in PARTIAL.items():
        where = sa.text(rows)
        op.create_index(name, 'cases', list(columns), unique=False, sqlite_where=where, postgresql_where=where)
