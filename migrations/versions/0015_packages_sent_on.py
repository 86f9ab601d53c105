"""A package may be sent straight to another controller."""

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('transmissions',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.String(length=32), nullable=False),
    sa.Column('package_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('mail_id', sa.String(length=32), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_transmissions_case_id_cases')),
    sa.ForeignKeyConstraint(['package_id'], ['packages.id'], name=op.f('fk_transmissions_package_id_packages')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transmissions'))
    )
    with op.batch_alter_table('transmissions', schema=None) as batch_op:
        batch_op.create_index('ix_transmissions_case', ['case_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('transmissions', schema=None) as batch_op:
        batch_op.drop_index('ix_transmissions_case')

    op.drop_table('transmissions')
