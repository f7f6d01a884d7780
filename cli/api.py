"""The public API under /api/v1 as this program uses it; renews the access token by itself."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx

from cli.credentials import Credentials, CredentialStore
from cli.errors import NotSignedIn, Refused, Unreachable
from cli.http_calls import call_patiently, problem_of
from cli.patience import Patience, Stop
from cli.wire import AnnouncedUpload, Json, PresignedPart, PresignedPut, Ticket, Track, UploadStatus

RENEW_BEFORE_S = 30.0
ONCE = Patience(attempts=1)
SESSION_ENDED = frozenset({400, 401, 403, 422})


class VezaApi:
    """Thread-safe. Every method raises Refused (4xx), NotSignedIn or Unreachable (no answer, 5xx)."""

    def __init__(
        self,
        *,
        api_url: str,
        client: httpx.Client,
        store: CredentialStore,
        patience: Patience,
        stop: Stop,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.api_url = api_url
        self._client = client
        self._store = store
        self._patience = patience
        self._stop = stop
        self._now = now
        self._renewing = threading.Lock()

    # -- account ---------------------------------------------------------------------------------------------------

    def register(self, *, email: str, username: str, password: str) -> None:
        body = {"email": email, "username": username, "password": password}
        self._public("POST", "/auth/register", body)

    def verify_email(self, token: str) -> None:
        self._public("POST", "/auth/verify-email", {"token": token})

    def login(self, *, email: str, password: str, code: str | None = None) -> Credentials:
        """Signs in as a native client (refresh token in the body) and saves the session."""
        body = {"email": email, "password": password, "client": "native"} | ({"code": code} if code else {})
        answer = self._public("POST", "/auth/login", body)
        user = answer["user"]
        credentials = Credentials(
            api_url=self.api_url,
            account_id=user["id"],
            email=user.get("email") or email,
            username=user["username"],
            access_token=answer["access_token"],
            access_expires_at=self._now() + answer["expires_in"],
            refresh_token=answer["refresh_token"],
        )
        with self._store.locked():
            self._store.save(credentials)
        return credentials

    def logout_everywhere(self) -> None:
        """Ends every session of the account, this one included."""
        self._ask("POST", "/auth/logout-everywhere")
        with self._store.locked():
            self._store.forget(self.api_url)

    def logout(self) -> bool:
        """Ends the session here and, if it can be reached, on the server; False if nobody was signed in."""
        with self._store.locked():
            credentials = self._store.load(self.api_url)
            if credentials is None:
                return False
            try:
                self._public("POST", "/auth/logout", {"refresh_token": credentials.refresh_token})
            except Refused:
                pass  # the server had ended it before: what was asked for is already so
            finally:
                self._store.forget(self.api_url)
        return True

    def me(self) -> Json:
        return self._ask("GET", "/auth/me")

    def signed_in(self) -> Credentials:
        """The saved session, possibly with an old access token; NotSignedIn if there is none."""
        credentials = self._store.load(self.api_url)
        if credentials is None:
            raise NotSignedIn
        return credentials

    # -- uploads ---------------------------------------------------------------------------------------------------

    def announce(
        self,
        *,
        filename: str,
        size_bytes: int,
        title: str | None,
        visibility: str,
        sha256: str | None,
        client_token: str,
    ) -> AnnouncedUpload:
        """Idempotent by `client_token`: the second time it answers with the first upload and fresh URLs."""
        body = {"filename": filename, "size_bytes": size_bytes, "client_token": client_token, "visibility": visibility}
        body |= {name: value for name, value in (("title", title), ("sha256", sha256)) if value is not None}
        return AnnouncedUpload.of(self._ask("POST", "/uploads", body))

    def upload(self, upload_id: str) -> UploadStatus:
        return UploadStatus.of(self._ask("GET", f"/uploads/{upload_id}"))

    def fresh_put(self, upload_id: str) -> PresignedPut:
        return PresignedPut.of(self._ask("POST", f"/uploads/{upload_id}/parts", {})["put"])

    def fresh_part(self, upload_id: str, part_number: int) -> PresignedPart:
        answer = self._ask("POST", f"/uploads/{upload_id}/parts", {"part_numbers": [part_number]})
        return PresignedPart.of(answer["parts"][0])

    def complete(self, upload_id: str, etags: dict[int, str]) -> None:
        parts = [{"part_number": number, "etag": etag} for number, etag in sorted(etags.items())]
        self._ask("POST", f"/uploads/{upload_id}/complete", {"parts": parts})

    # -- tracks ----------------------------------------------------------------------------------------------------

    def tracks(self) -> Iterator[Track]:
        """The account's own tracks, newest first, page by page as they are consumed."""
        cursor: str | None = None
        while True:
            page = self._ask("GET", "/tracks", params={"cursor": cursor} if cursor else {})
            yield from map(Track.of, page["items"])
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def track(self, track_id: str) -> Track:
        """One's own track in every state; other people's, and without a sign-in, only those that can be heard."""
        return Track.of(self._ask_as_anybody("GET", f"/tracks/{track_id}"))

    def retry(self, track_id: str) -> Track:
        return Track.of(self._ask("POST", f"/tracks/{track_id}/retry"))

    def stream(self, track_id: str) -> Ticket:
        return Ticket.of(self._ask_as_anybody("POST", f"/tracks/{track_id}/stream"))

    # -- calls -----------------------------------------------------------------------------------------------------

    def _public(self, method: str, path: str, body: Json, patience: Patience = ONCE) -> Json:
        """Without a token; repeated only where asking twice is the same as asking once."""
        return _body_of(self._send(method, path, body, {}, token=None, patience=patience))

    def _ask(self, method: str, path: str, body: Json | None = None, params: dict[str, str] | None = None) -> Json:
        credentials = self.signed_in()
        if credentials.access_expires_at - RENEW_BEFORE_S <= self._now():
            credentials = self._renew(credentials)
        response = self._send(method, path, body, params or {}, token=credentials.access_token, patience=self._patience)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            token = self._renew(credentials).access_token
            response = self._send(method, path, body, params or {}, token=token, patience=self._patience)
        return _body_of(response)

    def _ask_as_anybody(self, method: str, path: str) -> Json:
        if self._store.load(self.api_url) is not None:
            return self._ask(method, path)
        return _body_of(self._send(method, path, None, {}, token=None, patience=self._patience))

    def _send(
        self,
        method: str,
        path: str,
        body: Json | None,
        params: dict[str, str],
        *,
        token: str | None,
        patience: Patience,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.api_url}{path}"
        return call_patiently(
            lambda: self._client.request(method, url, json=body, params=params, headers=headers),
            patience=patience,
            stop=self._stop,
        )

    def _renew(self, stale: Credentials) -> Credentials:
        """Credentials with another access token than `stale`: those of whoever renewed first, or freshly rotated."""
        with self._renewing, self._store.locked():
            current = self._store.load(self.api_url)
            if current is None:
                raise NotSignedIn
            if current.access_token != stale.access_token:
                return current
            try:
                answer = self._public("POST", "/auth/refresh", {"refresh_token": current.refresh_token}, self._patience)
            except Refused as refusal:
                if refusal.status not in SESSION_ENDED:
                    raise
                self._store.forget(self.api_url)
                raise NotSignedIn("Your session has ended. Sign in again with: veza login") from refusal
            renewed = replace(
                current,
                access_token=answer["access_token"],
                access_expires_at=self._now() + answer["expires_in"],
                refresh_token=answer["refresh_token"],
            )
            self._store.save(renewed)
            return renewed


def _body_of(response: httpx.Response) -> Json:
    """The JSON object of a success; the error the response stands for otherwise."""
    if not response.is_success:
        raise problem_of(response)
    if not response.content:
        return {}
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Unreachable(f"{response.url.host} answered something that is not Veza's API. Is the address right?")
    return body
