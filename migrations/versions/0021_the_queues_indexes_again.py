"""The queue's indexes are made anew, in the order that SQLite chooses by: rewriting the table had changed it."""

import sqlalchemy as sa
from alembic import op


revision = '0021'
down_revision = '0020'
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
    for name in PARTIAL:
        op.drop_index(name, table_name='cases')
    for name, (columns, rows) in PARTIAL.items():
        where = sa.text(rows)
        op.create_index(name, 'cases', list(columns), unique=False, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """The indexes stay: only their order was changed."""
