"""Tickets that open a socket, and what a call needs to find its way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from core.domain.accounts import hash_token
from core.domain.errors import NotAllowed
from core.domain.ids import AccountId, EpochSeconds
from core.domain.rates import SOCKETS_BY_ACCOUNT
from core.domain.sockets import TICKET_BYTES, TICKET_S, Door, Holder, SocketTicket
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.limiter import Limiter
    from core.store.sockets import SocketRepository

TURN_S: Final = 12 * 3600
"""How long a credential of the TURN servers is good: longer than any call."""


class Handed(NamedTuple):
    url: str
    secret: str
    expires_at: EpochSeconds


class Relay(NamedTuple):
    urls: list[str]
    username: str | None
    credential: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketService:
    """`urls` is where each door is."""

    store: SocketRepository
    urls: Mapping[Door, str]
    page_origin: str
    ice_urls: tuple[str, ...]
    turn_secret: Callable[[], str]
    limiter: Limiter
    clock: Clock

    def hand_out(self, holder: Holder, door: Door, *, origin: str, by_cookie: bool) -> Handed:
        """A ticket bound to the session and to the page that asks for it: who steals one can't use it elsewhere.

        Raises NotAllowed(`origin_invalid`) for a browser on another page than ours, TooMany(`rate_limited`).
        """
        if by_cookie and origin != self.page_origin:
            raise NotAllowed("Sockets are opened from our own page.", code="origin_invalid")
        self.limiter.count(SOCKETS_BY_ACCOUNT, holder.account_id)
        secret, expires_at = secrets.token_urlsafe(TICKET_BYTES), EpochSeconds(self.clock.now() + TICKET_S)
        ticket = SocketTicket(
            secret_hash=hash_token(secret), door=door, holder=holder, origin=origin, expires_at=expires_at
        )
        self.store.add_ticket(ticket)
        return Handed(f"{self.urls[door]}?{urlencode({'ticket': secret})}", secret, expires_at)

    def relays(self, account_id: AccountId) -> tuple[list[Relay], EpochSeconds]:
        """STUN servers as they are; TURN servers with a credential that ends, as coturn's `use-auth-secret` takes it:
        https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
        """
        expires_at = EpochSeconds(self.clock.now() + TURN_S)
        stun = [url for url in self.ice_urls if url.startswith("stun")]
        turn = [url for url in self.ice_urls if url.startswith("turn")]
        found = [Relay(stun, None, None)] if stun else []
        if turn:
            username = f"{expires_at}:{account_id}"
            proof = hmac.new(self.turn_secret().encode(), username.encode(), hashlib.sha1)
            found.append(Relay(turn, username, base64.b64encode(proof.digest()).decode()))
        return found, expires_at
