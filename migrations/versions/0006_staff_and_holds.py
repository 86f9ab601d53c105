"""Passkeys, activations, kept drafts, legal holds, checks of the record; when a mail came back."""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('staff') as table:
        table.add_column(sa.Column('totp_next', sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column('has_app', sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column('invited_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('signed_in_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('staff') as table:
        table.alter_column('has_app', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    with op.batch_alter_table('server_sessions') as table:
        table.add_column(sa.Column('device', sa.String(length=40), nullable=True))
    with op.batch_alter_table('mails') as table:
        table.add_column(sa.Column('bounced_at', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('bounce', sa.String(length=16), nullable=True))
    op.create_index('ix_audit_entries_kind_seq', 'audit_entries', ['kind', 'seq'])
    op.create_table('passkeys',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('staff_id', sa.String(length=32), nullable=False),
        sa.Column('handle', sa.String(length=64), nullable=False),
        sa.Column('credential', sa.LargeBinary(), nullable=False),
        sa.Column('public_key', sa.LargeBinary(), nullable=False),
        sa.Column('sign_count', sa.Integer(), nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_passkeys_staff_id_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
        sa.UniqueConstraint('handle', name=op.f('uq_passkeys_handle')),
    )
    op.create_index(op.f('ix_passkeys_staff_id'), 'passkeys', ['staff_id'])
    op.create_table('activations',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('staff_id', sa.String(length=32), nullable=False),
        sa.Column('kind', sa.Enum('invite', 'reset', name='activationkind', native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column('asked_by', sa.String(length=32), nullable=False),
        sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('confirmed_by', sa.String(length=32), nullable=True),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_activations_staff_id_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_activations')),
    )
    op.create_index('ix_activations_staff', 'activations', ['staff_id', 'asked_at'])
    op.create_table('desk_drafts',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('staff_id', sa.String(length=32), nullable=False),
        sa.Column('path', sa.String(length=200), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_desk_drafts_staff_id_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_drafts')),
    )
    op.create_index('ix_desk_drafts_owner', 'desk_drafts', ['staff_id', 'path'], unique=True)
    op.create_index(op.f('ix_desk_drafts_created_at'), 'desk_drafts', ['created_at'])
    op.create_table('legal_holds',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('case_id', sa.String(length=32), nullable=True),
        sa.Column('mailbox', sa.String(length=64), nullable=True),
        sa.Column('whole', sa.Boolean(), nullable=False),
        sa.Column('collections', sa.JSON(), nullable=False),
        sa.Column('terms', sa.LargeBinary(), nullable=False),
        sa.Column('ordered_on', sa.Date(), nullable=False),
        sa.Column('ends_on', sa.Date(), nullable=False),
        sa.Column('set_by', sa.String(length=32), nullable=False),
        sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('lifted_by', sa.String(length=32), nullable=True),
        sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_legal_holds_case_id_cases')),
        sa.ForeignKeyConstraint(['lifted_by'], ['staff.id'], name=op.f('fk_legal_holds_lifted_by_staff')),
        sa.ForeignKeyConstraint(['set_by'], ['staff.id'], name=op.f('fk_legal_holds_set_by_staff')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_holds')),
    )
    op.create_index('ix_legal_holds_open', 'legal_holds', ['lifted_at', 'ends_on'])
    op.create_table('record_checks',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('entries', sa.BigInteger(), nullable=False),
        sa.Column('faults', sa.Integer(), nullable=False),
        sa.Column('first_fault', sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_record_checks')),
    )
    op.create_index(op.f('ix_record_checks_started_at'), 'record_checks', ['started_at'])


def downgrade() -> None:
    for name in ('record_checks', 'legal_holds', 'desk_drafts', 'activations', 'passkeys'):
        op.drop_table(name)
    op.drop_index('ix_audit_entries_kind_seq', table_name='audit_entries')
    with op.batch_alter_table('mails') as table:
        table.drop_column('bounce')
        table.drop_column('bounced_at')
    with op.batch_alter_table('server_sessions') as table:
        table.drop_column('device')
    with op.batch_alter_table('staff') as table:
        for name in ('signed_in_at', 'invited_at', 'has_app', 'totp_next'):
            table.drop_column(name)
