"""The cookies of a browser: no script can read them, no other site has them sent along (RFC 6265bis)."""

from typing import Final, Literal

from fastapi import Response

from api.wire import AUTH_PREFIX

REFRESH_COOKIE: Final = "veza_refresh"
LINK_COOKIE: Final = "veza_link"
"""What binds a sign-in link to the browser that asked for it."""
VISIT_COOKIE: Final = "veza_visit"
"""What binds a visit to an identity provider to the browser that went there."""


def keep_refresh_token(response: Response, token: str, life_s: int) -> None:
    keep(response, REFRESH_COOKIE, token, life_s)


def keep(
    response: Response, name: str, value: str, life_s: int, *, samesite: Literal["strict", "lax"] = "strict"
) -> None:
    response.set_cookie(name, value, max_age=life_s, path=AUTH_PREFIX, secure=True, httponly=True, samesite=samesite)


def forget(response: Response, name: str = REFRESH_COOKIE) -> None:
    """Takes a cookie back."""
    response.delete_cookie(name, path=AUTH_PREFIX, secure=True, httponly=True, samesite="strict")
