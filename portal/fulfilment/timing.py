"""What reading a source takes, without the time that others spend on what was read."""

from collections.abc import Callable, Iterator
from typing import TypeAlias, TypeVar

Timer: TypeAlias = Callable[[], float]
"""Returns seconds since some moment."""

T = TypeVar("T")


def timed(stream: Iterator[T], timer: Timer, seconds: dict[str, float], key: str) -> Iterator[T]:
    """Yield what ``stream`` yields, and note in ``seconds`` under ``key`` what it took to give it."""
    seconds[key] = 0.0
    while True:
        started = timer()
        found = next(stream, None)
        seconds[key] += timer() - started
        if found is None:
            return
        yield found
