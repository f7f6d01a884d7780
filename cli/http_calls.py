"""One HTTP call and its repetition: connection errors, 408, 429 and 5xx are worth another try, other answers stand."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import httpx

from cli.errors import CommandFailed, Refused, Unreachable
from cli.loopback import LoopbackTransport
from cli.patience import Patience, Stop

API_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
STORAGE_TIMEOUT = httpx.Timeout(120.0, connect=10.0, pool=None)
"""A part may be slow to leave (write) and slow to be acknowledged (read), but never silent for two minutes."""

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


def own_version() -> str:
    try:
        return version("veza")
    except PackageNotFoundError:
        return "dev"


def open_client(timeout: httpx.Timeout, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client that finds `*.localhost`; the proxies of the environment apply to every other name."""
    headers = {"User-Agent": f"veza-cli/{own_version()}"}
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
    if transport is not None:
        return httpx.Client(timeout=timeout, headers=headers, transport=LoopbackTransport(transport))
    direct = httpx.HTTPTransport(limits=limits)
    mounts = {"all://*.localhost": LoopbackTransport(direct), "all://localhost": direct, "all://127.0.0.1": direct}
    return httpx.Client(timeout=timeout, headers=headers, limits=limits, mounts=mounts)


def call_patiently(
    send: Callable[[], httpx.Response], *, patience: Patience, stop: Stop, failed: Callable[[], None] = lambda: None
) -> httpx.Response:
    """The first answer that no repetition can change; Unreachable after the last try. `failed` runs after each miss."""
    for failures in range(1, patience.attempts + 1):
        stop.check()
        asked_wait = 0.0
        try:
            response = send()
        except httpx.TransportError as error:
            problem: CommandFailed = Unreachable(
                f"No answer from {_host_of(error)}: {str(error) or type(error).__name__}"
            )
        else:
            if response.status_code not in _AGAIN:
                return response
            problem, asked_wait = problem_of(response), _retry_after_s(response)
        failed()
        if failures == patience.attempts:
            raise problem
        stop.sleep(patience.wait_s(failures, at_least=asked_wait))
    raise ValueError("patience without attempts")


def problem_of(response: httpx.Response) -> CommandFailed:
    """The error a response stands for: problem+json of the API, or the bare status of something in between."""
    status = response.status_code
    try:
        body = response.json()
        detail, code, request_id = str(body["detail"]), str(body.get("code", "")), str(body.get("request_id", ""))
        detail = _with_fields(detail, body.get("errors") or [])
    except (ValueError, KeyError, TypeError, AttributeError):
        detail, code, request_id = f"{response.url.host} answered {status} {response.reason_phrase}.", "", ""
    if status >= 500:
        return Unreachable(detail, code=code, request_id=request_id)
    return Refused(detail, code=code, request_id=request_id, status=status)


def _with_fields(detail: str, errors: list[dict[str, str]]) -> str:
    """The sentence plus those of single fields that say more than it does."""
    said = [(error.get("field", "").removeprefix("body."), error.get("message", "")) for error in errors]
    return "\n".join([detail, *(f"  {field}: {message}" for field, message in said if message not in detail)])


def _retry_after_s(response: httpx.Response) -> float:
    """`Retry-After` in seconds (RFC 9110 §10.2.3), at most a minute; dates are ignored."""
    text = response.headers.get("Retry-After", "")
    return min(60.0, float(text)) if text.isdigit() else 0.0


def _host_of(error: httpx.TransportError) -> str:
    try:
        return error.request.url.host
    except RuntimeError:
        return "the server"
