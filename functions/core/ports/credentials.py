"""What proves who somebody is, and keeps secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.domain.ids import AccountId, EpochSeconds
from core.domain.passkeys import Ceremony, NewCredential, Passkey
from core.domain.providers import Identity


class PasswordHasher(Protocol):
    def hash(self, password: str) -> str: ...

    def verify(self, hashed: str, password: str) -> bool:
        """False for a wrong password; takes the same time for a hash that is no account's (`decoy`)."""
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether a password that fits should be hashed anew: another algorithm, or weaker parameters."""
        ...

    def decoy(self) -> str:
        """A valid hash of a password nobody knows."""
        ...


class PasswordGuesser(Protocol):
    def guesses(self, password: str, own_words: Sequence[str]) -> int:
        """How many tries somebody needs who knows common passwords, patterns and the person's own words."""
        ...


class OneTimeCodes(Protocol):
    """Codes of an authenticator app: TOTP, 6 digits, SHA-1, 30 seconds, which is all that apps agree on (RFC 6238)."""

    def new_secret(self) -> str:
        """In base32, as apps take it."""
        ...

    def uri(self, secret: str, account: str) -> str:
        """`otpauth://…`, which apps read from a QR code."""
        ...

    def step_of(self, secret: str, code: str, now: EpochSeconds) -> int | None:
        """The step that `code` is of, one before or after that of `now` at most; None for a wrong code."""
        ...


class PasskeyEngine(Protocol):
    """The server's half of WebAuthn. Asks for discoverable credentials and for user verification, so that a passkey is
    two factors in one. Whatever does not verify is InvalidInput(`passkey_invalid`)."""

    def registration(self, account_id: AccountId, username: str, known: Sequence[str]) -> Ceremony:
        """For a new passkey, on a device that has none of `known` (credential ids)."""
        ...

    def sign_in(self) -> Ceremony:
        """For whoever has a passkey."""
        ...

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        """The challenge (base64url) that was signed."""
        ...

    def owner_of(self, credential: Mapping[str, Any]) -> tuple[AccountId, str]:
        """Whose passkey it says to be, and its credential id."""
        ...

    def verify_registration(self, credential: Mapping[str, Any], challenge: str) -> NewCredential: ...

    def verify_sign_in(self, credential: Mapping[str, Any], challenge: str, passkey: Passkey) -> int:
        """The new signature count. A count that ran back means a copy: refused like any other."""
        ...


class IdentityProviders(Protocol):
    """Those that this stage has credentials for. Unknown names are NotFound(`provider_unknown`)."""

    def labels(self) -> Mapping[str, str]:
        """Name → label for people."""
        ...

    def authorize_url(self, provider: str, *, state: str, verifier: str) -> str:
        """Where to send the browser, with PKCE S256 of `verifier`."""
        ...

    def identify(self, provider: str, *, code: str, verifier: str) -> Identity:
        """Exchanges the code and asks who it is of.

        Raises InvalidInput(`provider_refused`) if the code is no good, ProviderUnavailable.
        """
        ...


class Sealer(Protocol):
    """Encrypts what we must be able to read again. `context` has to be the same for both, so that one row's secret is
    worth nothing in another row. Raises Unavailable."""

    def seal(self, text: str, context: str) -> str: ...

    def open(self, sealed: str, context: str) -> str:
        """Raises Unavailable for what was not sealed in that context, too: nothing can be done with it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """`token_id` is the `jti`, `token_version` the account's at the time (RFC 9068 §2.2)."""

    account_id: str
    session_id: str
    token_id: str
    token_version: int
    issued_at: EpochSeconds
    expires_at: EpochSeconds


class TokenSigner(Protocol):
    def sign(self, claims: AccessClaims) -> str:
        """A compact JWS, RS256 with `kid` (RFC 7515, RFC 9068)."""
        ...

    def verify(self, token: str) -> AccessClaims:
        """Raises NotAuthenticated (codes `token_invalid`, `token_expired`)."""
        ...

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys, current and previous (RFC 7517)."""
        ...


class Secrets(Protocol):
    def get(self, name: str, *, max_age_s: int | None = None) -> str:
        """The current value, cached for minutes, or for `max_age_s` at most. Raises Unavailable."""
        ...
