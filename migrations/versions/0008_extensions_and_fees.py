"""Deadlines that were extended once, fees that are announced, and the account a request came from."""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('fees',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('cents', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('announced_by', sa.String(length=32), nullable=False),
    sa.Column('announced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('cents > 0', name=op.f('ck_fees_a_fee_is_some_money')),
    sa.ForeignKeyConstraint(['announced_by'], ['staff.id'], name=op.f('fk_fees_announced_by_staff')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_fees_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fees'))
    )
    with op.batch_alter_table('fees', schema=None) as batch_op:
        batch_op.create_index('ix_fees_case', ['case_id'], unique=True)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('first_due_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('extension', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('account_hash', sa.String(length=64), nullable=True))
        batch_op.create_index('ix_cases_account', ['account_hash'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_account')
        batch_op.drop_column('account_hash')
        batch_op.drop_column('extension')
        batch_op.drop_column('first_due_on')
    with op.batch_alter_table('fees', schema=None) as batch_op:
        batch_op.drop_index('ix_fees_case')

    op.drop_table('fees')
