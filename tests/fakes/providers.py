"""Identity providers in memory: whoever has the code is who it was made for."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode

from core.domain.errors import InvalidInput, NotFound
from core.domain.providers import Identity
from tests.fakes.faults import Breakable


class FakeIdentityProviders(Breakable):
    def __init__(self) -> None:
        self.codes: dict[str, tuple[str, Identity, str]] = {}

    def labels(self) -> Mapping[str, str]:
        return {"google": "Google", "github": "GitHub"}

    def authorize_url(self, provider: str, *, state: str, verifier: str) -> str:
        self._known(provider)
        query = urlencode({"state": state, "code_challenge": _challenge(verifier)})
        return f"https://{provider}.example/authorize?{query}"

    def identify(self, provider: str, *, code: str, verifier: str) -> Identity:
        self._known(provider)
        self._reach()
        at, identity, challenge = self.codes.pop(code, ("", None, ""))
        if identity is None or at != provider or challenge != _challenge(verifier):
            raise InvalidInput("The provider refused. Please try again.", code="provider_refused")
        return identity

    def sign_in(self, provider: str, identity: Identity, challenge: str) -> str:
        """Somebody signs in there; the code that their browser brings back."""
        code = f"code-{len(self.codes)}-{identity.subject}"
        self.codes[code] = (provider, identity, challenge)
        return code

    def _known(self, provider: str) -> None:
        if provider not in self.labels():
            raise NotFound("There is no such sign-in here.", code="provider_unknown")


def _challenge(verifier: str) -> str:
    return hashlib.sha256(verifier.encode()).hexdigest()
