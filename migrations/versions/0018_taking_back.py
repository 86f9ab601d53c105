"""An answer that can be taken back for half a minute, its letter as PDF, and manual tasks."""

import sqlalchemy as sa
from alembic import op


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answered_before', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('undo_until', sa.DateTime(timezone=True), nullable=True))
    op.create_table('letter_papers',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('decision_id', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('file', sa.String(length=32), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_letter_papers_case_id_cases')),
    sa.ForeignKeyConstraint(['decision_id'], ['decisions.id'], name=op.f('fk_letter_papers_decision_id_decisions')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter_papers')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_letter_papers_decision_id'))
    )
    with op.batch_alter_table('letter_papers', schema=None) as batch_op:
        batch_op.create_index(op.f('ix_letter_papers_case_id'), ['case_id'], unique=False)
        batch_op.create_index(op.f('ix_letter_papers_sha256'), ['sha256'], unique=False)
    op.create_table('manual_tasks',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('title', sa.JSON(), nullable=False),
    sa.Column('look_for', sa.JSON(), nullable=False),
    sa.Column('role', sa.Enum('reviewer', 'privacy_manager', 'auditor', 'admin', name='role', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('colleague', sa.String(length=254), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(length=32), nullable=True),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['staff.id'], name=op.f('fk_manual_tasks_answered_by_staff')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_manual_tasks_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_manual_tasks')),
    sa.UniqueConstraint('case_id', 'source', name=op.f('uq_manual_tasks_case_id_source'))
    )
    with op.batch_alter_table('manual_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_manual_tasks_open', ['answered_at', 'due_on'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('manual_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_manual_tasks_open')

    op.drop_table('manual_tasks')
    with op.batch_alter_table('letter_papers', schema=None) as batch_op:
        batch_op.drop_index(op.f('ix_letter_papers_sha256'))
        batch_op.drop_index(op.f('ix_letter_papers_case_id'))

    op.drop_table('letter_papers')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_column('undo_until')
        batch_op.drop_column('answered_before')
