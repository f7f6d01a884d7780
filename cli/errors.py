"""What can go wrong for the person at the keyboard, and the exit code each outcome has.

CommandFailed
├── Refused            1  the platform said no; `detail` is its sentence
│   ├── NotSignedIn    1
│   └── UploadClosed   1  the announced upload can't take bytes any more; a new one can
├── Misused            2  the command line itself makes no sense
└── Unreachable        3  no answer after several tries, or one only a broken server gives
"""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


class CommandFailed(Exception):
    """Root. `request_id` finds the answer in the platform's logs."""

    exit_code = ExitCode.REFUSED

    def __init__(self, detail: str, *, code: str = "", request_id: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
        self.request_id = request_id


class Refused(CommandFailed):
    """A 4xx problem+json of the API, or the storage's refusal. `status` is the HTTP status, 0 if none."""

    def __init__(self, detail: str, *, code: str = "", request_id: str = "", status: int = 0) -> None:
        super().__init__(detail, code=code, request_id=request_id)
        self.status = status


class NotSignedIn(Refused):
    def __init__(self, detail: str = "You are not signed in. Sign in with: veza login") -> None:
        super().__init__(detail, code="not_signed_in")


class UploadClosed(Refused):
    """The upload expired or was aborted while, or before, its bytes were sent."""


class Misused(CommandFailed):
    exit_code = ExitCode.USAGE


class Unreachable(CommandFailed):
    exit_code = ExitCode.UNREACHABLE


class Stopped(CommandFailed):
    """Ctrl-C reached a worker thread."""

    exit_code = ExitCode.INTERRUPTED
