"""Several rights in one conversation: a draft names them all, and cases that were sent together share it."""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

DRAFTS = sa.table(
    'conversations', sa.column('id', sa.String), sa.column('right_slug', sa.String), sa.column('rights', sa.JSON)
)
CASES = sa.table('cases', sa.column('id', sa.String), sa.column('conversation_id', sa.String))


def upgrade() -> None:
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rights', sa.JSON(), nullable=True))
    bind = op.get_bind()
    for draft in bind.execute(sa.select(DRAFTS)).all():
        rights = [draft.right_slug] if draft.right_slug else []
        bind.execute(sa.update(DRAFTS).where(DRAFTS.c.id == draft.id).values(rights=rights))
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.alter_column('rights', existing_type=sa.JSON(), nullable=False)
        batch_op.drop_column('right_slug')
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_cases_conversation_id'), type_='unique')
        batch_op.create_index(batch_op.f('ix_cases_conversation_id'), ['conversation_id'], unique=False)


def downgrade() -> None:
    bind = op.get_bind()
    first = sa.select(sa.func.min(CASES.c.id)).group_by(CASES.c.conversation_id)
    bind.execute(sa.update(CASES).where(CASES.c.id.not_in(first)).values(conversation_id=None))
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cases_conversation_id'))
        batch_op.create_unique_constraint(batch_op.f('uq_cases_conversation_id'), ['conversation_id'])
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('right_slug', sa.String(length=32), nullable=True))
    for draft in bind.execute(sa.select(DRAFTS)).all():
        right = draft.rights[0] if draft.rights else None
        bind.execute(sa.update(DRAFTS).where(DRAFTS.c.id == draft.id).values(right_slug=right))
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.drop_column('rights')
