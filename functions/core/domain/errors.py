"""The whole error tree. Each class has a stable `code` and says whether a retry can help.

    VezaError
    ├── Refused (the caller's fault, never retryable)
    │   ├── InvalidInput            422
    │   ├── NotAuthenticated        401
    │   ├── NotAllowed              403
    │   ├── NotFound                404
    │   ├── Conflict                409
    │   └── TooMany                 429
    ├── MediaRejected (the file's fault; carries a reason code of reasons.py)
    └── Unavailable (an outside thing failed; retryable)
        ├── StorageUnavailable, QueueUnavailable, MailUnavailable, ProviderUnavailable …
        ├── ScannerUnavailable
        ├── RefreshFailed
        └── EncoderFailed

Two translators exist: `api/errors.py` (to problem+json) and the workers' handlers.
"""

from core.domain.rates import Allowance
from core.domain.reasons import ReasonCode


class VezaError(Exception):
    """Root. `detail` is shown to people: it never holds a secret or a path."""

    code = "internal"
    retryable = False

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Refused(VezaError):
    code = "refused"


class InvalidInput(Refused):
    """A field breaks a rule; `field` names it when there is just one."""

    code = "invalid_input"

    def __init__(self, detail: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.field = field


class NotAuthenticated(Refused):
    code = "not_authenticated"


class NotAllowed(Refused):
    code = "not_allowed"


class NotFound(Refused):
    code = "not_found"


class Conflict(Refused):
    """The state moved on, or a unique name is taken."""

    code = "conflict"


class TooMany(Refused):
    """Too often, for now. `left` says when it may be tried again."""

    code = "rate_limited"

    def __init__(self, detail: str, left: Allowance, *, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.left = left


class MediaRejected(VezaError):
    """The bytes themselves are refused for good; `reason` is shown to the artist."""

    code = "media_rejected"

    def __init__(self, reason: ReasonCode, detail: str = "") -> None:
        super().__init__(detail or reason.value)
        self.reason = reason


class Unavailable(VezaError):
    """Something outside failed; trying again later can help."""

    code = "unavailable"
    retryable = True


class StorageUnavailable(Unavailable):
    code = "storage_unavailable"


class ObjectGone(VezaError):
    """The object (or that very version of it) no longer exists; no retry brings it back."""

    code = "object_gone"


class StoreUnavailable(Unavailable):
    code = "store_unavailable"


class QueueUnavailable(Unavailable):
    code = "queue_unavailable"


class SocketsUnavailable(Unavailable):
    code = "sockets_unavailable"


class MailUnavailable(Unavailable):
    code = "mail_unavailable"


class ProviderUnavailable(Unavailable):
    """An identity provider does not answer, or answers what it should not."""

    code = "provider_unavailable"


class ScannerUnavailable(Unavailable):
    """clamd does not answer, or has no usable definitions. Nothing may pass."""

    code = "scanner_unavailable"


class RefreshFailed(Unavailable):
    """No newer virus definitions now; the published ones stay. `code` says why, such as `definitions_forbidden`."""

    code = "definitions_refresh_failed"


class EncoderFailed(Unavailable):
    """ffmpeg died, hung or produced less than it must, without the file being at fault."""

    code = "encoder_failed"
