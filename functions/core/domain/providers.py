"""Where else people have an account, as data: OAuth 2.0 and OpenID Connect providers, and what they say of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.ids import AccountId, EpochSeconds, SessionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`…_field` are members of what `userinfo_url` answers. Without `verified_field` no address of theirs counts as its
    owner's. `emails_url` is GitHub's way to tell addresses."""

    label: str
    authorize_url: str
    token_url: str
    userinfo_url: str
    scopes: str
    subject_field: str = "sub"
    name_field: str = "name"
    email_field: str = "email"
    verified_field: str | None = None
    emails_url: str | None = None


PROVIDERS: Final[Mapping[str, Provider]] = {
    # https://accounts.google.com/.well-known/openid-configuration
    "google": Provider(
        label="Google",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106
        userinfo_url="https://openidconnect.googleapis.com/v1/userinfo",
        scopes="openid email profile",
        verified_field="email_verified",
    ),
    # https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    "github": Provider(
        label="GitHub",
        authorize_url="https://github.com/login/oauth/authorize",
        token_url="https://github.com/login/oauth/access_token",  # noqa: S106
        userinfo_url="https://api.github.com/user",
        scopes="read:user user:email",
        subject_field="id",
        name_field="login",
        emails_url="https://api.github.com/user/emails",
    ),
    # https://discord.com/developers/docs/topics/oauth2
    "discord": Provider(
        label="Discord",
        authorize_url="https://discord.com/oauth2/authorize",
        token_url="https://discord.com/api/oauth2/token",  # noqa: S106
        userinfo_url="https://discord.com/api/users/@me",
        scopes="identify email",
        subject_field="id",
        name_field="username",
        verified_field="verified",
    ),
    # https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile: "unverified"
    "spotify": Provider(
        label="Spotify",
        authorize_url="https://accounts.spotify.com/authorize",
        token_url="https://accounts.spotify.com/api/token",  # noqa: S106
        userinfo_url="https://api.spotify.com/v1/me",
        scopes="user-read-email",
        subject_field="id",
        name_field="display_name",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider says of who was there. `tokens` is JSON, a secret."""

    subject: str
    name: str
    email: str | None
    email_verified: bool
    tokens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An account's tie to an identity elsewhere."""

    provider: str
    subject: str
    account_id: AccountId
    name: str
    sealed_tokens: str
    connected_at: EpochSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationFlow:
    """One visit to a provider, from the start until it sends the browser back (RFC 6749 §4.1, RFC 7636).

    `bound_to` is the hash of what the browser keeps: a callback in another browser is refused (RFC 9700 §4.7).
    """

    state_hash: str
    provider: str
    verifier: str
    bound_to: str
    linking: AccountId | None
    """Whose account shall be tied to it; None to sign in."""
    session_id: SessionId | None
    """That began it. It must live when the browser comes back, else who was thrown out would get in again."""
    expires_at: EpochSeconds
