"""Accounts made the way a person makes one: through the public API, with the mail read back from the cloud."""

import re
import time
from dataclasses import dataclass
from typing import Any

import httpx

from dev.problem import Problem

MAIL_TIMEOUT_S = 60.0
_TOKEN = re.compile(r"token=([A-Za-z0-9._~-]{16,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    email: str
    username: str
    password: str


DEMO = Person(email="demo@example.com", username="demo", password="first-song-of-the-morning")  # noqa: S106
"""Only ever made on a local stage, which listens on loopback alone; so its password may stand here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    person: Person
    account_id: str
    access_token: str
    verified: bool

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


@dataclass(frozen=True, slots=True)
class AccountDoor:
    """The part of the API that accounts come through, and the mailbox behind it."""

    http: httpx.Client
    api_url: str
    endpoint_url: str

    def register(self, person: Person) -> None:
        self._post("register", {"email": person.email, "username": person.username, "password": person.password})

    def sign_in(self, person: Person) -> SignedIn:
        answer = self._post("login", {"email": person.email, "password": person.password, "client": "native"})
        user = answer["user"]
        return SignedIn(
            person=person,
            account_id=user["id"],
            access_token=answer["access_token"],
            verified=user["email_verified"],
        )

    def verify(self, person: Person) -> None:
        """Waits for the mail and follows what it says."""
        deadline = time.monotonic() + MAIL_TIMEOUT_S
        while (token := self._token_for(person.email)) is None:
            if time.monotonic() > deadline:
                raise Problem(
                    f"The verification mail to {person.email} did not arrive within {MAIL_TIMEOUT_S:.0f} s.",
                    hint="`make status` shows where it is stuck, `make logs FN=mail` and `make logs FN=relay` why.",
                )
            time.sleep(0.1)
        self._post("verify-email", {"token": token})

    def ensure(self, person: Person) -> tuple[SignedIn, bool]:
        """The verified account, made now if there is none yet (True). A half-made one is finished."""
        made = False
        if not self._may_sign_in(person):
            self.register(person)
            made = True
        if not self.sign_in(person).verified:
            self.verify(person)
        return self.sign_in(person), made

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        """What was sent to that address, oldest first: Subject, BodyText, BodyHtml, Timestamp …"""
        answer = self.http.get(f"{self.endpoint_url}/_ministack/ses/messages").raise_for_status().json()
        mails = [mail for account in answer["messages"].values() for mail in account if email in mail["To"]]
        return sorted(mails, key=lambda mail: str(mail["Timestamp"]))

    def _token_for(self, email: str) -> str | None:
        for mail in reversed(self.mails_to(email)):
            if found := _TOKEN.search(mail["BodyText"] or "") or _TOKEN.search(mail["BodyHtml"] or ""):
                return found[1]
        return None

    def _may_sign_in(self, person: Person) -> bool:
        return self._send("login", {"email": person.email, "password": person.password}).is_success

    def _post(self, name: str, body: dict[str, str]) -> dict[str, Any]:
        response = self._send(name, body)
        if not response.is_success:
            raise Problem(
                f"The API refused /auth/{name} with {response.status_code}.",
                hint="`make logs FN=accounts-api` shows what it said.",
                detail=response.text[:2000],
            )
        answer: dict[str, Any] = response.json() if response.content else {}
        return answer

    def _send(self, name: str, body: dict[str, str]) -> httpx.Response:
        try:
            return self.http.post(f"{self.api_url}/auth/{name}", json=body)
        except httpx.TransportError as error:
            raise Problem(
                f"The API did not answer /auth/{name}: {str(error) or type(error).__name__}.",
                hint="`make logs FN=accounts-api` and .veza/engine/engine.log show why; then run the same again.",
            ) from error
