"""Hand-overs from the controller's app, and an identity that an account settles."""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BEFORE = ('open', 'confirmed', 'doubt', 'impostor', 'unproven', 'mailbox')


def upgrade() -> None:
    op.create_table('handovers',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('nonce_hash', sa.String(length=64), nullable=False),
    sa.Column('said', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handovers')),
    sa.UniqueConstraint('nonce_hash', name=op.f('uq_handovers_nonce_hash')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_handovers_token_hash'))
    )
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.create_index('ix_handovers_created', ['created_at'], unique=False)
    allow_identities((*BEFORE, 'account'))


def downgrade() -> None:
    op.execute("UPDATE cases SET identity = 'unproven' WHERE identity = 'account'")
    allow_identities(BEFORE)
    with op.batch_alter_table('handovers', schema=None) as batch_op:
        batch_op.drop_index('ix_handovers_created')

    op.drop_table('handovers')


def allow_identities(values: tuple[str, ...]) -> None:
    """Let the column hold just these words."""
    listed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_cases_identity'), type_='check')
        batch_op.create_check_constraint(op.f('ck_cases_identity'), f'identity IN ({listed})')
