"""Protection against requests that another page makes a browser send: for sessions by cookie alone.

A token that is a keyed function of the session (OWASP, Signed Double-Submit Cookie) is in a cookie that our page can
read and no other page can; every change has to carry it in a header. Bearer tokens and API keys are never sent by a
browser on its own, so they need none.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.domain.errors import NotAllowed
from core.domain.ids import SessionId

CSRF_HEADER: Final = "x-csrf-token"
HARMLESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Csrf:
    key: Callable[[], bytes]

    def token_of(self, session_id: SessionId) -> str:
        digest = hmac.new(self.key(), session_id.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def must_match(self, told: str | None, session_id: SessionId) -> None:
        """Raises NotAllowed(`csrf_invalid`)."""
        if told is None or not hmac.compare_digest(told.encode(), self.token_of(session_id).encode()):
            raise NotAllowed("This request did not come from our page.", code="csrf_invalid")
