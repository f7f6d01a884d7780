"""Progress that a person can read: one line per step, what it did and how long it took."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def facts(rows: Iterable[tuple[str, str]]) -> None:
    """Labelled lines (markup), never wrapped or cut: addresses in them are meant to be copied."""
    for label, text in rows:
        console.print(f"  [dim]{label:<11}[/] {text}")


Note = Callable[[str], None]


@contextmanager
def step(label: str) -> Iterator[Note]:
    """Shows `label` as running, then as done with the last thing noted. A failure is marked and goes on."""
    started, last = time.monotonic(), ""

    with console.status(f"{label} …", spinner="dots") as status:

        def note(text: str) -> None:
            nonlocal last
            last = text
            status.update(f"{label} … [dim]{escape(text)}[/]")

        try:
            yield note
        except BaseException:
            console.print(f"  [red]✗[/] {label}")
            raise
    spent = time.monotonic() - started
    console.print(f"  [green]✓[/] {label:<24} [dim]{escape(last):<44} {spent:5.1f} s[/]")
