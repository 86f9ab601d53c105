"""Only ``cases/moves.py`` writes where a case stands: any other way would skip the checks and the record."""

import ast
from collections.abc import Iterator

from tests.house.source import calls, modules

WRITER = "portal/cases/moves.py"


def _writes(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and part.attr == "status":
                    yield part.lineno
    for call in calls(tree, "values", "Case"):
        if any(keyword.arg == "status" for keyword in call.keywords):
            yield call.lineno
    for call in calls(tree, "setattr"):
        if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) and call.args[1].value == "status":
            yield call.lineno


def test_only_moves_writes_the_status_of_a_case() -> None:
    found = [f"{path}:{line}" for path, tree in modules() if path != WRITER for line in _writes(tree)]
    assert found == []


def test_moves_does_write_it() -> None:
    assert any(path == WRITER and any(_writes(tree)) for path, tree in modules())
