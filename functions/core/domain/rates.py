"""How often something may be done: the figures of the product's table, as data.

A window is fixed: it begins anew every `per_s` seconds of the clock, so around its border twice as much can pass. The
first two levels are not here: API Gateway throttles all requests, and the firewall each address (infra/).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most `times` within `per_s` seconds for one subject, such as an address or an account."""

    name: str
    times: int
    per_s: int


LOGIN_BY_ADDRESS: Final = Rate(name="login_by_address", times=5, per_s=60)
LOGIN_BY_ACCOUNT: Final = Rate(name="login_by_account", times=5, per_s=60)
CODES_BY_ACCOUNT: Final = Rate(name="codes_by_account", times=10, per_s=60)
"""Of a second factor: counted before a code is looked at, so that guesses at the same time are not more guesses."""
CHECKS_BY_ADDRESS: Final = Rate(name="checks_by_address", times=60, per_s=60)
"""Of usernames: as fast as a person types, too slow to list who is here."""
REGISTER_BY_ADDRESS: Final = Rate(name="register_by_address", times=5, per_s=60)
REGISTER_BY_ACCOUNT: Final = Rate(name="register_by_account", times=5, per_s=60)
"""With one e-mail address, from wherever."""
REFRESH_BY_ADDRESS: Final = Rate(name="refresh_by_address", times=300, per_s=60)
"""Of tokens and mailed links that nobody guesses: only against floods, since a school may be behind one address."""
STREAMS_BY_ADDRESS: Final = Rate(name="streams_by_address", times=300, per_s=60)
"""Tickets to play, which anybody may have: one for each track that somebody hears, and another every few minutes."""
CHANGES_BY_ACCOUNT: Final = Rate(name="changes_by_account", times=60, per_s=60)
"""Of each route that changes something, for who is signed in; some have a narrower one besides."""
PROOFS_BY_ADDRESS: Final = Rate(name="proofs_by_address", times=20, per_s=60)
"""Of passwords and codes by who is signed in; wrong ones count for the lockout besides."""
FAILED_LOGINS_BY_ADDRESS: Final = Rate(name="failed_logins_by_address", times=20, per_s=3600)
"""More failures than a family behind one address makes in an hour: credential stuffing. Nobody signs in from there by
password until the hour is over."""
MAILS_BY_ACCOUNT: Final = Rate(name="mails_by_account", times=3, per_s=3600)
"""Of each kind that somebody may ask for: the verification once more, a reset, a sign-in link."""
EXPORTS_BY_ACCOUNT: Final = Rate(name="exports_by_account", times=3, per_s=24 * 3600)
READS_BY_KEY: Final = Rate(name="reads_by_key", times=1000, per_s=3600)
WRITES_BY_KEY: Final = Rate(name="writes_by_key", times=200, per_s=3600)
MESSAGES_BY_ACCOUNT: Final = Rate(name="messages_by_account", times=60, per_s=60)
SIGNS_BY_ACCOUNT: Final = Rate(name="signs_by_account", times=120, per_s=60)
"""Of all together that is less than a message: edits, deletions, reactions, pins, receipts, presence, rooms."""
SEARCHES_BY_ACCOUNT: Final = Rate(name="searches_by_account", times=60, per_s=60)
"""Of a thousand messages each."""
READS_BY_ACCOUNT: Final = Rate(name="reads_by_account", times=600, per_s=60)
"""By a socket, of what happened meanwhile: five devices that come again, with twenty conversations each, fit in."""
SIGNALS_BY_ACCOUNT: Final = Rate(name="signals_by_account", times=300, per_s=60)
"""Of what sets up a call: a candidate for every network of a device."""
TYPING_BY_MEMBER: Final = Rate(name="typing_by_member", times=1, per_s=3)
"""In one conversation; more are not told, and not refused either."""
SOCKETS_BY_ACCOUNT: Final = Rate(name="sockets_by_account", times=30, per_s=60)
"""Of tickets: a storm of reconnects of five devices fits in."""
LISTENING_BY_ACCOUNT: Final = Rate(name="listening_by_account", times=240, per_s=60)
"""Of what changes a playback session or a party: a report after each segment, and somebody who seeks with a wheel."""
CHUNKS_BY_ACCOUNT: Final = Rate(name="chunks_by_account", times=120, per_s=60)
"""Requests, of 180 KB at most: twice what the lossless rung takes."""
ATTACHMENTS_BY_ACCOUNT: Final = Rate(name="attachments_by_account", times=120, per_s=3600)
UPLOADS_BY_ACCOUNT: Final = Rate(name="uploads_by_account", times=10, per_s=3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left of a rate after a use of it."""

    limit: int
    remaining: int
    resets_in_s: int
