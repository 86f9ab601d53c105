"""Copies that are looked through before they are handed over, and what is hidden in them."""

import sqlalchemy as sa
from alembic import op


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('redactions',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('words', 'value', 'row', 'column', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('ground', sa.String(length=48), nullable=False),
    sa.Column('target', sa.LargeBinary(), nullable=False),
    sa.Column('made_by', sa.String(length=32), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_by', sa.String(length=32), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_redactions_case_id_cases')),
    sa.ForeignKeyConstraint(['made_by'], ['staff.id'], name=op.f('fk_redactions_made_by_staff')),
    sa.ForeignKeyConstraint(['undone_by'], ['staff.id'], name=op.f('fk_redactions_undone_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redactions'))
    )
    with op.batch_alter_table('redactions', schema=None) as batch_op:
        batch_op.create_index('ix_redactions_case', ['case_id', 'undone_at'], unique=False)

    op.create_table('trial_copies',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(length=32), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('file', sa.String(length=32), nullable=True),
    sa.Column('contents', sa.LargeBinary(), nullable=True),
    sa.Column('cleared_by', sa.String(length=32), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('looked', sa.LargeBinary(), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_trial_copies_asked_by_staff')),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_trial_copies_case_id_cases')),
    sa.ForeignKeyConstraint(['cleared_by'], ['staff.id'], name=op.f('fk_trial_copies_cleared_by_staff')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial_copies'))
    )
    with op.batch_alter_table('trial_copies', schema=None) as batch_op:
        batch_op.create_index('ix_trial_copies_case', ['case_id', 'number'], unique=True)
        batch_op.create_index('ix_trial_copies_living', ['destroyed_at', 'asked_at'], unique=False)


def downgrade() -> None:
    for table, names in (('trial_copies', ('living', 'case')), ('redactions', ('case',))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.drop_index(f'ix_{table}_{name}')
        op.drop_table(table)
