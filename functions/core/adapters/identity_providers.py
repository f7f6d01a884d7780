"""OAuth 2.0 and OpenID Connect providers by Authlib.

Who was there is asked of the userinfo endpoint with the access token that came straight from the provider over TLS, so
no ID token has to be believed (OpenID Connect Core §5.3). The secret is JSON:

    {"google": {"client_id": str, "client_secret": str}, …}

A provider that is not in core/domain/providers.py brings its endpoints along: `provider`, with the fields of Provider.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from core.domain.errors import InvalidInput, NotFound, ProviderUnavailable
from core.domain.providers import PROVIDERS, Identity, Provider

TIMEOUT_S: Final = 8
ANSWER_MAX: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Client:
    id: str
    secret: str
    provider: Provider


class OAuthProviders:
    """IdentityProviders. `callback` makes the redirect URI of a provider's name; each has its own, so that no provider
    can pass a code on to another (RFC 9700 §4.4)."""

    def __init__(self, secret: Callable[[], str], *, callback: Callable[[str], str]) -> None:
        self._secret = secret
        self._callback = callback

    def labels(self) -> Mapping[str, str]:
        return {name: client.provider.label for name, client in self._clients().items()}

    def authorize_url(self, provider: str, *, state: str, verifier: str) -> str:
        client = self._client(provider)
        with self._session(provider, client) as session:
            url, _ = session.create_authorization_url(
                client.provider.authorize_url, state=state, code_verifier=verifier
            )
        return str(url)

    def identify(self, provider: str, *, code: str, verifier: str) -> Identity:
        client = self._client(provider)
        with _explained(), self._session(provider, client) as session:
            tokens = session.fetch_token(client.provider.token_url, code=code, code_verifier=verifier)
            told = _object(session.get(client.provider.userinfo_url, allow_redirects=False))
            emails_url = client.provider.emails_url
            addresses = _list(session.get(emails_url, allow_redirects=False)) if emails_url else None
        return _identity(client.provider, told, addresses, json.dumps(dict(tokens)))

    def _session(self, name: str, client: _Client) -> OAuth2Session:
        return OAuth2Session(
            client_id=client.id,
            client_secret=client.secret,
            scope=client.provider.scopes,
            redirect_uri=self._callback(name),
            code_challenge_method="S256",
            default_timeout=TIMEOUT_S,
        )

    def _client(self, name: str) -> _Client:
        try:
            return self._clients()[name]
        except KeyError as unknown:
            raise NotFound("There is no such sign-in here.", code="provider_unknown") from unknown

    def _clients(self) -> dict[str, _Client]:
        try:
            entries = json.loads(self._secret() or "{}")
        except ValueError as broken:
            raise ProviderUnavailable("The providers' credentials can't be read.") from broken
        return {
            name: _Client(
                id=entry["client_id"],
                secret=entry["client_secret"],
                provider=PROVIDERS[name] if name in PROVIDERS else Provider(**entry["provider"]),
            )
            for name, entry in entries.items()
        }


def _identity(provider: Provider, told: Mapping[str, Any], addresses: list[Any] | None, tokens: str) -> Identity:
    subject = told.get(provider.subject_field)
    if not isinstance(subject, str | int) or not str(subject):
        raise ProviderUnavailable("The provider does not say who you are there.")
    email, verified = _address(provider, told) if addresses is None else _primary(addresses)
    return Identity(
        subject=str(subject),
        name=str(told.get(provider.name_field) or ""),
        email=email,
        email_verified=verified,
        tokens=tokens,
    )


def _address(provider: Provider, told: Mapping[str, Any]) -> tuple[str | None, bool]:
    email = told.get(provider.email_field)
    verified = provider.verified_field is not None and told.get(provider.verified_field) is True
    return (email, verified) if isinstance(email, str) and email else (None, False)


def _primary(addresses: list[Any]) -> tuple[str | None, bool]:
    """GitHub's list: the primary address, and whether it is verified."""
    for entry in addresses:
        if isinstance(entry, dict) and entry.get("primary") is True and isinstance(entry.get("email"), str):
            return entry["email"], entry.get("verified") is True
    return None, False


def _object(answer: requests.Response) -> Mapping[str, Any]:
    found = _read(answer)
    if not isinstance(found, dict):
        raise ProviderUnavailable("The provider's answer can't be read.")
    return found


def _list(answer: requests.Response) -> list[Any]:
    found = _read(answer)
    if not isinstance(found, list):
        raise ProviderUnavailable("The provider's answer can't be read.")
    return found


def _read(answer: requests.Response) -> Any:
    if answer.status_code != HTTPStatus.OK or len(answer.content) > ANSWER_MAX:
        raise ProviderUnavailable(f"The provider answered {answer.status_code}.")
    return answer.json()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OAuthError as refusal:
        raise InvalidInput("The provider refused. Please try again.", code="provider_refused") from refusal
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnavailable("The provider does not answer as it should.") from error
