"""Use cases of passkeys: add one, sign in with it, name it, take it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.sign_in.service import SignedIn, SignInService
from api.ways_in import WaysIn
from core.domain.accounts import hash_token
from core.domain.errors import Conflict, NotAuthenticated, NotFound
from core.domain.ids import AccountId, EpochSeconds, SessionId, new_id
from core.domain.passkeys import PER_ACCOUNT, Ceremony, Passkey, check_passkey_name
from core.domain.sessions import Origin, Proof, Way
from core.domain.tickets import LIFE_S, Purpose, Ticket
from core.messages.accounts import PasskeyChanged
from core.ports.clock import Clock
from core.ports.credentials import PasskeyEngine

if TYPE_CHECKING:
    from core.store.accounts import AccountRepository
    from core.store.passkeys import PasskeyRepository
    from core.store.tickets import TicketRepository

Credential = Mapping[str, Any]
"""PublicKeyCredential as its `toJSON()` writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyService:
    accounts: AccountRepository
    passkeys: PasskeyRepository
    tickets: TicketRepository
    engine: PasskeyEngine
    sign_in: SignInService
    ways_in: WaysIn
    clock: Clock

    def begin(self, account_id: AccountId) -> Ceremony:
        """Options for a new passkey. Raises NotAllowed(`email_unverified`), Conflict(`passkeys_too_many`)."""
        account, known = self.ways_in.must_be_verified(account_id), self.passkeys.list_of(account_id)
        if len(known) >= PER_ACCOUNT:
            raise Conflict(f"An account has at most {PER_ACCOUNT} passkeys.", code="passkeys_too_many")
        ceremony = self.engine.registration(account_id, account.username, [passkey.id for passkey in known])
        self._remember(ceremony, Purpose.PASSKEY_REGISTER, account_id)
        return ceremony

    def add(self, account_id: AccountId, name: str, credential: Credential, *, token_version: int) -> Passkey:
        """Raises InvalidInput (`name_invalid`, `passkey_invalid`), Conflict(`passkey_known`), and as `WaysIn.add`."""
        tidy, challenge = check_passkey_name(name), self.engine.challenge_of(credential)
        made = self.engine.verify_registration(credential, challenge)
        self._use(challenge, Purpose.PASSKEY_REGISTER, account_id)
        passkey = Passkey(
            id=made.id,
            account_id=account_id,
            name=tidy,
            public_key=made.public_key,
            sign_count=made.sign_count,
            backed_up=made.backed_up,
            created_at=self.clock.now(),
        )
        addition = self.passkeys.addition(passkey)
        self.ways_in.add(account_id, [addition], [_news(passkey, added=True)], token_version=token_version)
        return passkey

    def list_of(self, account_id: AccountId) -> list[Passkey]:
        return self.passkeys.list_of(account_id)

    def rename(self, account_id: AccountId, passkey_id: str, name: str) -> Passkey:
        """Raises InvalidInput(`name_invalid`), NotFound(`passkey_not_found`)."""
        return self.passkeys.rename(account_id, passkey_id, check_passkey_name(name))

    def remove(self, account_id: AccountId, passkey_id: str) -> None:
        """Raises NotFound(`passkey_not_found`), Conflict(`last_way_in`)."""
        passkey = self.passkeys.find(account_id, passkey_id)
        if passkey is None:
            raise NotFound("There is no such passkey.", code="passkey_not_found")
        removal = self.passkeys.removal(account_id, passkey_id)
        self.ways_in.remove(account_id, [removal], [_news(passkey, added=False)])

    def begin_sign_in(self) -> Ceremony:
        """Options for whoever has a passkey; the device shows those it has."""
        ceremony = self.engine.sign_in()
        self._remember(ceremony, Purpose.PASSKEY_SIGN_IN, AccountId(new_id()))
        return ceremony

    def finish_sign_in(self, credential: Credential, *, remember: bool, origin: Origin) -> SignedIn:
        """Opens a session: a passkey is two factors, something one has and the finger or PIN that opens it.

        Raises NotAuthenticated(`passkey_unknown`), InvalidInput(`passkey_invalid`), NotAllowed(`account_suspended`).
        """
        account_id, proof = self._proved(credential)
        account = self.accounts.get(account_id)
        proof = self.sign_in.admit(account, proof, None, origin)
        return self.sign_in.open(account, proof, remember=remember, origin=origin)

    def step_up(self, account_id: AccountId, session_id: SessionId, credential: Credential, origin: Origin) -> SignedIn:
        """A fresh proof by passkey. Raises as `finish_sign_in`, NotAuthenticated(`passkey_unknown`) for another's."""
        owner, proof = self._proved(credential)
        if owner != account_id:
            raise _unknown()
        return self.sign_in.renew(self.accounts.get(account_id), session_id, proof, origin)

    def _proved(self, credential: Credential) -> tuple[AccountId, Proof]:
        account_id, passkey_id = self.engine.owner_of(credential)
        passkey = self.passkeys.find(account_id, passkey_id)
        if passkey is None:
            raise _unknown()
        challenge = self.engine.challenge_of(credential)
        count = self.engine.verify_sign_in(credential, challenge, passkey)
        self._use(challenge, Purpose.PASSKEY_SIGN_IN, None)
        if not self.passkeys.used(passkey, count, self.clock.now()):
            raise _unknown()
        return account_id, Proof(way=Way.PASSKEY, strong=True)

    def _remember(self, ceremony: Ceremony, purpose: Purpose, account_id: AccountId) -> None:
        expires_at = EpochSeconds(self.clock.now() + LIFE_S[purpose])
        self.tickets.add(
            Ticket(
                secret_hash=hash_token(ceremony.challenge),
                purpose=purpose,
                account_id=account_id,
                expires_at=expires_at,
            )
        )

    def _use(self, challenge: str, purpose: Purpose, account_id: AccountId | None) -> None:
        """A challenge of ours, for that account, used once."""
        ticket = self.tickets.find(hash_token(challenge), purpose, self.clock.now())
        if ticket is None or (account_id is not None and ticket.account_id != account_id):
            raise NotAuthenticated("That took too long. Please try again.", code="challenge_invalid")
        if not self.tickets.use(ticket):
            raise NotAuthenticated("That took too long. Please try again.", code="challenge_invalid")


def _news(passkey: Passkey, *, added: bool) -> PasskeyChanged:
    return PasskeyChanged(account_id=passkey.account_id, name=passkey.name, added=added)


def _unknown() -> NotAuthenticated:
    return NotAuthenticated("This passkey is not known here.", code="passkey_unknown")
