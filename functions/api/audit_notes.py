"""What only a route can tell the audit: for whom it acted, and that looking was a change this once."""

from typing import Annotated, Final

from fastapi import Depends, Request

from core.domain.ids import AccountId


class AuditNotes:
    def __init__(self, request: Request) -> None:
        self._scope = request.scope

    def acted_for(self, account_id: AccountId) -> None:
        """Whose account it was, where nobody is signed in: said after the link, token or password was proved good."""
        self._scope["subject"] = account_id

    def changed(self) -> None:
        """A GET that wrote something."""
        self._scope["changed"] = True

    def refused(self, code: str) -> None:
        """Where a refusal is answered by something else than a problem."""
        self._scope["problem_code"] = code


Notes = Annotated[AuditNotes, Depends()]


def _always(notes: Notes) -> None:
    notes.changed()


AUDITED: Final = Depends(_always)
"""Of a GET that the audit is told of in any case, its refusals included; stands before whatever may refuse."""
