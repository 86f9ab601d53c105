"""Only the edges commit: a view as its last word to the database; the worker per job; a command; a source."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch

from tests.house.source import calls, modules

COMMIT = ("portal/cli.py", "portal/jobs/worker.py", "portal/demo/*", "portal/sources/*")
OWN_TRANSACTION = (
    *COMMIT,
    "portal/db.py",  # where the words are defined
    "portal/migrating.py",  # a migration is one transaction
    "portal/review/fresh.py",  # a factor is used up, and a failure counted, whatever the view then does
    "portal/accounts/sessions.py",  # a browser's session is not part of what the view does
    "portal/accounts/limits.py",  # a try counts, whatever becomes of it
    "portal/review/presence.py",  # that somebody has a request open, whatever the page then does
    "portal/mail/sender.py",  # a code is minted in the moment its mail leaves
    "portal/cases/mail_files.py",  # a mail's files: keys first, files second, rows with the case
    "portal/review/mailbox.py",  # one transaction a mail: what is read stays read, whatever the next one is
    "portal/intake/pictures.py",  # file first, row later: the file's key is made before both
    "portal/cases/attachments.py",  # the same, for the key of a case's messages
    "portal/fulfilment/by_hand.py",  # a task is asked for good before the job waits for its answer
    "portal/fulfilment/jobs.py",  # a job's steps: key first, file second, row third
    "portal/fulfilment/by_hand.py",  # tasks are made, whatever the job then does
    "portal/fulfilment/trials.py",  # the same, for the copy that is looked through
    "portal/fulfilment/steps.py",  # what is changed in a source is one transaction of that source
)
TOUCHES = ("commit", "add", "execute", "flush", "scalar", "scalars")


def _is_view(function: ast.FunctionDef) -> bool:
    """Whether a function wears a gate: then it answers a request, and is an edge."""
    worn = [each.func if isinstance(each, ast.Call) else each for each in function.decorator_list]
    return any(isinstance(each, ast.Attribute) and ast.unparse(each.value) == "gates" for each in worn)


def _views(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _is_view(node))


def _allowed(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in patterns)


def test_only_the_edges_commit() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        if not _allowed(path, COMMIT) and not any(_views(tree))
        for call in calls(tree, "commit")
    ]
    assert found == []


def test_only_the_edges_open_a_transaction_of_their_own() -> None:
    found = [
        f"{path}:{call.lineno}"
        for path, tree in modules()
        if not _allowed(path, OWN_TRANSACTION)
        for call in calls(tree, "writing", "begin")
        if not ast.unparse(call.func).startswith("conversations.")  # begins a conversation
    ]
    assert found == []


def test_an_answer_touches_no_row_after_its_commit() -> None:
    late = [
        f"{path}:{line}"
        for path, tree in modules()
        if any(_views(tree))
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for line in _after_a_commit(function)
    ]
    assert late == []


def _after_a_commit(function: ast.FunctionDef) -> Iterator[int]:
    """Give each line that reads or writes rows in the same block as, and below, a commit."""
    for node in ast.walk(function):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            committed = False
            for statement in block if isinstance(block, list) else ():
                if committed and any(calls(statement, *TOUCHES)):
                    yield statement.lineno
                committed |= isinstance(statement, ast.Expr) and any(calls(statement, "commit"))
