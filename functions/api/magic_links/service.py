"""Use cases of a sign-in link: mailed, good for ten minutes, once, and in the browser that asked for it alone."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.account_changes import Change, change_account
from api.sign_in.service import SignedIn, SignInService
from core.domain.accounts import Account, fold_email, hash_token, state_of
from core.domain.errors import NotAuthenticated
from core.domain.ids import new_id
from core.domain.rates import MAILS_BY_ACCOUNT
from core.domain.sessions import Origin, Proof, Way
from core.domain.tickets import Purpose
from core.limiter import Limiter
from core.messages.accounts import SignInLinkAsked
from core.ports.clock import Clock

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.tickets import TicketRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class MagicLinkService:
    accounts: AccountRepository
    tickets: TicketRepository
    sign_in: SignInService
    limiter: Limiter
    clock: Clock

    def ask(self, email: str) -> str:
        """Has a link mailed, if there is such an account; in either case the same work. Raises TooMany.

        Answers what the browser has to keep and show with the link (OWASP ASVS 5, 6.6.2): a link that somebody else
        was made to ask for, or that was read on its way, opens nothing elsewhere.
        """
        address, kept = fold_email(email), secrets.token_urlsafe(32)
        self.limiter.count(MAILS_BY_ACCOUNT, f"{Purpose.SIGN_IN} {address}")
        account = self.accounts.find_by_email(address)
        asked = SignInLinkAsked(account_id=account.id if account else new_id(), bound_to=hash_token(kept))
        self.accounts.tell([asked], self.clock.now())
        return kept

    def follow(self, token: str, kept: str | None, *, code: str | None, remember: bool, origin: Origin) -> SignedIn:
        """Opens a session, unless the account was taken back since. The address is verified by that; if it was not
        before, a password is forgotten that may be that of somebody else, who registered with an address that is not
        theirs, and their sessions end.

        Raises NotAuthenticated (`link_invalid`, `link_from_elsewhere`), and what `SignInService.admit` raises, after
        which the link still works.
        """
        ticket = self.tickets.find(hash_token(token), Purpose.SIGN_IN, self.clock.now())
        if ticket is None or ticket.bound_to is None:
            raise _link_is_no_good()
        if not hmac.compare_digest(hash_token(kept or ""), ticket.bound_to):
            raise NotAuthenticated(
                "Please open the link in the browser in which you asked for it.", code="link_from_elsewhere"
            )
        admitted = self.accounts.get(ticket.account_id)
        if ticket.state != state_of(admitted):  # a reset, another address, or signed out everywhere since
            raise _link_is_no_good()
        proof = self.sign_in.admit(admitted, Proof(way=Way.MAGIC_LINK), code, origin)
        if not self.tickets.use(ticket):
            raise _link_is_no_good()

        def verified(account: Account) -> Change | None:
            if account.email_verified:
                return None
            return Change(account=replace(account.with_password(""), former_passwords=(), email_verified=True))

        account = change_account(ticket.account_id, verified, accounts=self.accounts, clock=self.clock)
        return self.sign_in.open(account, proof, remember=remember, origin=origin)


def _link_is_no_good() -> NotAuthenticated:
    return NotAuthenticated("This link is not valid any more.", code="link_invalid")
