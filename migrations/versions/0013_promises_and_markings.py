"""What is begun at the sources, promised for later, and stands from now on; what was erased, as tombstones."""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('carried', schema=None) as batch_op:
        batch_op.add_column(sa.Column('steps', sa.LargeBinary(), nullable=True))

    op.create_table('markings',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('right_slug', sa.String(length=32), nullable=False),
    sa.Column('activity', sa.String(length=64), nullable=False),
    sa.Column('mailboxes', sa.JSON(), nullable=False),
    sa.Column('subjects', sa.LargeBinary(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lift_on', sa.Date(), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_markings_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_markings'))
    )
    with op.batch_alter_table('markings', schema=None) as batch_op:
        batch_op.create_index('ix_markings_case', ['case_id', 'activity'], unique=True)
        batch_op.create_index('ix_markings_number', ['number'], unique=True)
        batch_op.create_index('ix_markings_standing', ['right_slug', 'lifted_at'], unique=False)

    op.create_table('promises',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('collection', sa.String(length=128), nullable=False),
    sa.Column('why', sa.Enum('law', 'order', 'pause', name='why', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('ground', sa.String(length=200), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('kept', sa.LargeBinary(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('ends', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_promises_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promises'))
    )
    with op.batch_alter_table('promises', schema=None) as batch_op:
        batch_op.create_index('ix_promises_case', ['case_id'], unique=False)
        batch_op.create_index('ix_promises_due', ['done_at', 'due_on'], unique=False)

    op.create_table('recipients',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('said', sa.LargeBinary(), nullable=False),
    sa.Column('mail_id', sa.String(length=32), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_recipients_case_id_cases')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipients'))
    )
    with op.batch_alter_table('recipients', schema=None) as batch_op:
        batch_op.create_index('ix_recipients_case', ['case_id'], unique=False)

    op.create_table('tombstones',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.Enum('row', 'word', 'value', name='kind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('place', sa.String(length=128), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tombstones'))
    )
    with op.batch_alter_table('tombstones', schema=None) as batch_op:
        batch_op.create_index('ix_tombstones_case', ['case_id'], unique=False)
        batch_op.create_index('ix_tombstones_expires', ['expires_at'], unique=False)
        batch_op.create_index('ix_tombstones_hash', ['place', 'hash'], unique=False)


def downgrade() -> None:
    for table, names in (
        ('tombstones', ('hash', 'expires', 'case')),
        ('recipients', ('case',)),
        ('promises', ('due', 'case')),
        ('markings', ('standing', 'number', 'case')),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.drop_index(f'ix_{table}_{name}')
        op.drop_table(table)

    with op.batch_alter_table('carried', schema=None) as batch_op:
        batch_op.drop_column('steps')
