"""The one exception a developer is shown: a sentence about what is wrong and a line about what to do."""


class Problem(Exception):
    """`hint` is a command or an action; `detail` is output of a program, shown below, at most its tail."""

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail
