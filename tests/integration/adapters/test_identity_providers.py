"""Providers' adapter against a real OpenID provider on loopback, and against answers that no provider should give."""

import hashlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from core.adapters.identity_providers import OAuthProviders
from core.domain.errors import InvalidInput, NotFound, ProviderUnavailable
from core.domain.providers import PROVIDERS, Provider

CALLBACK = "http://127.0.0.1:9/callback"
STARTS_WITHIN_S = 30
VERIFIER = "v" * 43


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """`oidc-provider-mock`: whoever is named in its form is signed in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + STARTS_WITHIN_S
    try:
        while True:
            try:
                httpx.get(f"{address}/.well-known/openid-configuration").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < until, "the provider does not start"
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def a_provider(issuer: str, **changes: Any) -> Provider:
    fields = {
        "label": "Test",
        "authorize_url": f"{issuer}/oauth2/authorize",
        "token_url": f"{issuer}/oauth2/token",
        "userinfo_url": f"{issuer}/userinfo",
        "scopes": "openid email profile",
        "verified_field": "email_verified",
    }
    return Provider(**{**fields, **changes})


def providers_of(provider: Provider) -> OAuthProviders:
    entry = {"client_id": "veza", "client_secret": "secret", "provider": asdict(provider)}
    return OAuthProviders(lambda: json.dumps({"test": entry}), callback=lambda _: CALLBACK)


class TestRealProvider:
    @pytest.fixture
    def providers(self, issuer: str) -> OAuthProviders:
        return providers_of(a_provider(issuer))

    def code_for(self, providers: OAuthProviders, issuer: str, subject: str, **claims: Any) -> str:
        """Somebody signs in there, as a browser would, and is sent back with a code."""
        httpx.put(f"{issuer}/users/{subject}", json=claims).raise_for_status()
        url = providers.authorize_url("test", state="the state", verifier=VERIFIER)
        answer = httpx.post(url, data={"sub": subject})
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert back["state"] == ["the state"]
        return back["code"][0]

    def test_tells_who_signed_in(self, providers: OAuthProviders, issuer: str) -> None:
        claims = {"email": "grace@example.com", "email_verified": True, "name": "Grace Hopper"}
        code = self.code_for(providers, issuer, "grace", **claims)

        identity = providers.identify("test", code=code, verifier=VERIFIER)

        assert (identity.subject, identity.name) == ("grace", "Grace Hopper")
        assert (identity.email, identity.email_verified) == ("grace@example.com", True)
        assert json.loads(identity.tokens)["access_token"]

    @pytest.mark.parametrize("verified", [False, None, "true", 1])
    def test_an_address_counts_only_if_the_provider_says_so(
        self, providers: OAuthProviders, issuer: str, verified: object
    ) -> None:
        code = self.code_for(providers, issuer, "mary", email="mary@example.com", email_verified=verified)

        assert not providers.identify("test", code=code, verifier=VERIFIER).email_verified

    def test_a_code_is_good_once(self, providers: OAuthProviders, issuer: str) -> None:
        code = self.code_for(providers, issuer, "ada", email="ada@example.com")
        providers.identify("test", code=code, verifier=VERIFIER)

        with pytest.raises(InvalidInput) as refused:
            providers.identify("test", code=code, verifier=VERIFIER)
        assert refused.value.code == "provider_refused"

    def test_a_made_up_code_is_refused(self, providers: OAuthProviders) -> None:
        with pytest.raises(InvalidInput):
            providers.identify("test", code="guess", verifier=VERIFIER)


def test_the_browser_is_sent_with_pkce_and_our_callback(issuer: str) -> None:
    url = providers_of(a_provider(issuer)).authorize_url("test", state="the state", verifier=VERIFIER)

    asked = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert asked["redirect_uri"] == CALLBACK
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len(asked["code_challenge"]) == 43
    assert hashlib.sha256(VERIFIER.encode()).hexdigest() not in url
    assert "secret" not in url


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_known_provider_needs_credentials_alone(name: str) -> None:
    secret = json.dumps({name: {"client_id": "veza", "client_secret": "secret"}})
    providers = OAuthProviders(lambda: secret, callback=lambda _: CALLBACK)

    assert providers.labels() == {name: PROVIDERS[name].label}
    assert providers.authorize_url(name, state="s", verifier=VERIFIER).startswith(PROVIDERS[name].authorize_url)


def test_a_provider_without_credentials_is_not_there() -> None:
    providers = OAuthProviders(lambda: "{}", callback=lambda _: CALLBACK)

    assert providers.labels() == {}
    with pytest.raises(NotFound):
        providers.authorize_url("google", state="s", verifier=VERIFIER)


class TestOddProvider:
    """A server that answers whatever it is told to."""

    ANSWERS: dict[str, tuple[int, bytes]]

    @pytest.fixture
    def odd(self) -> Iterator[tuple[str, dict[str, tuple[int, bytes]]]]:
        answers = {"/token": (200, b'{"access_token": "t", "token_type": "Bearer"}')}

        class Odd(BaseHTTPRequestHandler):
            def answer(self) -> None:
                status, body = answers.get(self.path, (404, b""))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - names of http.server

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Odd)
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()
        server.server_close()

    @staticmethod
    def providers(address: str, **changes: Any) -> OAuthProviders:
        urls = {"token_url": f"{address}/token", "userinfo_url": f"{address}/user"}
        return providers_of(a_provider(address, **urls, **changes))

    @pytest.mark.parametrize(
        "answer",
        [(500, b"{}"), (302, b"{}"), (200, b"no json"), (200, b"[]"), (200, b"{}"), (200, b'{"sub": ""}'),
         (200, b'{"sub": {"a": 1}}'), (200, b'{"sub": "' + b"x" * 70_000 + b'"}')],
    )  # fmt: skip
    def test_who_does_not_say_who_it_is_is_unavailable(
        self, odd: tuple[str, dict[str, tuple[int, bytes]]], answer: tuple[int, bytes]
    ) -> None:
        address, answers = odd
        answers["/user"] = answer

        with pytest.raises(ProviderUnavailable):
            self.providers(address).identify("test", code="c", verifier=VERIFIER)

    def test_github_tells_addresses_in_a_list(self, odd: tuple[str, dict[str, tuple[int, bytes]]]) -> None:
        address, answers = odd
        answers["/user"] = (200, b'{"id": 7, "login": "grace"}')
        answers["/emails"] = (200, json.dumps([
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "grace@example.com", "primary": True, "verified": True},
        ]).encode())  # fmt: skip
        github = {"subject_field": "id", "name_field": "login", "emails_url": f"{address}/emails"}

        identity = self.providers(address, **github).identify("test", code="c", verifier=VERIFIER)

        assert (identity.subject, identity.name, identity.email) == ("7", "grace", "grace@example.com")
        assert identity.email_verified

    def test_nobody_answers(self) -> None:
        with pytest.raises(ProviderUnavailable):
            self.providers("http://127.0.0.1:9").identify("test", code="c", verifier=VERIFIER)
