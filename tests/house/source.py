"""Reading the portal's own source, for the rules that a running test cannot see."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PORTAL = ROOT / "portal"


def modules(folder: Path = PORTAL) -> Iterator[tuple[str, ast.Module]]:
    """Give each Python file of ``folder``: its path from the top of the tree, and its syntax tree."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Give each call of a method or function with one of ``names``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            method = called.attr if isinstance(called, ast.Attribute) else None
            if method in names or (isinstance(called, ast.Name) and called.id in names):
                yield node
