"""What was changed, by whom and with what result: the audit's entries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.domain.ids import EpochSeconds
from core.domain.sessions import Origin

NOBODY: Final = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One POST, PUT, PATCH or DELETE.

    `actor` is an account's id, or NOBODY; `by` the session or API key it came with. `subject` is the account for which
    something was done, if it proved only then whose: by a sign-in, a mailed link, a token given up. `asked` is the body
    as it was understood, with every secret masked by its type; None if it could not be understood. `code` names a
    refusal.
    """

    id: str
    at: EpochSeconds
    actor: str
    by: str
    subject: str
    action: str
    """Method and route template, such as `POST /api/v1/uploads`."""
    target: Mapping[str, str]
    """The parameters of the route."""
    asked: Mapping[str, Any] | None
    status: int
    code: str
    duration_ms: int
    request_id: str
    """The caller's, if they sent one: good for finding, not for proving."""
    gateway_id: str
    """The gateway's own id of the request; empty where there is none."""
    origin: Origin
