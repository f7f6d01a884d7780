"""Calls the whole app in process, over ASGI, as a browser or a program would."""

import asyncio
from collections.abc import Awaitable, Callable
from http.cookies import Morsel, SimpleCookie
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

ORIGIN = "https://veza.example"
"""https, as the refresh cookie is Secure."""


class ApiClient:
    """One client with its own cookies, as a browser; or with a token, as a program.

    Paths are below /api/v1 unless they start with `//`.
    """

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.app = app
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)
        self.token: str | None = None
        self.led_astray = False

    def another(self, token: str | None = None) -> "ApiClient":
        """Somebody else: no cookies, not signed in unless by `token`."""
        client = ApiClient(self.app, self._runner)
        client.token = token
        return client

    def without_proof(self) -> "ApiClient":
        """The same browser, led by another page: cookies are sent along, but nobody reads them."""
        client = ApiClient(self.app, self._runner)
        client._http.cookies = httpx.Cookies(self.cookies)
        client.led_astray = True
        return client

    def reach(self, front: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        """The app by way of what stands before it."""
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(front), base_url=ORIGIN)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._http.cookies

    def call(self, method: str, path: str, json: Any = None, **options: Any) -> httpx.Response:
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        elif not self.led_astray and (proof := self.cookies.get("veza_csrf")) is not None:  # as our page does
            headers.setdefault("X-CSRF-Token", proof)
        url = path[1:] if path.startswith("//") else f"/api/v1{path}"
        if json is not None:
            options["json"] = json
        return self._runner.run(self._http.request(method, url, headers=headers, **options))

    def together(self, *calls: tuple[str, str, Any]) -> list[httpx.Response]:
        """All at once."""

        async def run() -> list[httpx.Response]:
            sent = (self._http.request(method, f"/api/v1{path}", json=body) for method, path, body in calls)
            return list(await asyncio.gather(*sent))

        return self._runner.run(run())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        return self.call("POST", path, json, **options)

    def patch(self, path: str, json: Any) -> httpx.Response:
        return self.call("PATCH", path, json)

    def delete(self, path: str) -> httpx.Response:
        return self.call("DELETE", path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._http.aclose())


def cookies_set_by(answer: httpx.Response) -> dict[str, Morsel[str]]:
    """By name, with their attributes."""
    lines = answer.headers.get_list("set-cookie")
    return {name: morsel for line in lines for name, morsel in SimpleCookie(line).items()}
