"""Tables that are printed and written: the same cells for the terminal and for Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """`columns` after the first `words` are numbers, set to the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int = 1
    printed: bool = True
    """False: too wide for a terminal."""

    def markdown(self) -> str:
        rule = ["---" if number < self.words else "---:" for number in range(len(self.columns))]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows))

    def table(self) -> Table:
        shown = Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            shown.add_column(column, justify="left" if number < self.words else "right")
        for row in self.rows:
            shown.add_row(*row)
        return shown

    @classmethod
    def of(cls, table: Table) -> Self:
        """A table that another bench made for the terminal."""
        cells = [[str(cell) for cell in column.cells] for column in table.columns]
        columns = [str(column.header) for column in table.columns]
        return cls(title=str(table.title), columns=columns, rows=list(zip(*cells, strict=True)))


def seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def megabytes(value: int) -> str:
    return f"{value / 1e6:.1f} MB" if value < 10e6 else f"{value / 1e6:.0f} MB"


def times(value: float) -> str:
    return f"{value:.2f}×" if value < 10 else f"{value:.0f}×"


def dollars(value: float) -> str:
    return f"${value:.4f}" if value < 0.1 else f"${value:.2f}"
