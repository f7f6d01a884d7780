"""How often a route may be called: declared beside the route, told in headers."""

from fastapi import Response

from api.access import LimiterOfApp, MaybeCaller
from api.errors import rate_headers
from api.origin import RequestOrigin
from core.domain.rates import Rate


class LimitedByAddress:
    """Counts a route's calls by the address they come from, and says in headers what is left."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate

    def __call__(self, response: Response, limiter: LimiterOfApp, origin: RequestOrigin) -> None:
        response.headers.update(rate_headers(limiter.count(self._rate, origin.network)))


class LimitedByAccount:
    """Counts a route's calls by who is signed in."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate

    def __call__(self, response: Response, limiter: LimiterOfApp, caller: MaybeCaller) -> None:
        if caller is not None:  # else the route's own declaration refuses
            response.headers.update(rate_headers(limiter.count(self._rate, caller.account_id)))
