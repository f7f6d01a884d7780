"""Taking one's data along, and leaving: refused to whoever only holds a token, and to be taken back."""

import pytest

from core.domain.exports import Export
from core.domain.ids import AccountId, Bytes, new_id
from core.domain.limits import CLOSING_GRACE_S, EXPORT_GIVEN_UP_S, EXPORT_KEEP_S, EXPORT_URL_S, STEP_UP_S
from core.messages.accounts import AccountClosing, AccountKept, ExportAsked
from core.store.exports import ExportRepository
from tests.integration.api.world import World

ADA = {"email": "ada@example.com", "username": "ada"}


@pytest.fixture
def ada(world: World) -> World:
    """In her browser."""
    world.sign_in(ADA)
    return world


def code_of(answer: object) -> str:
    return str(answer.json()["code"])  # type: ignore[attr-defined]


class TestLeaving:
    def test_signs_out_everywhere_and_says_when(self, ada: World) -> None:
        other = ada.api.another()
        other.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})

        answer = ada.api.post("/privacy/closing")

        assert answer.status_code == 202
        assert answer.json() == {"closing_at": "2027-02-14T08:00:00Z"}
        assert ada.api.get("/auth/me").status_code == 401
        assert code_of(other.get("/auth/me")) == "token_revoked"
        assert AccountClosing(account_id=str(ada.account_id)) in [event.message() for event in ada.events()]

    def test_who_comes_back_finds_only_the_way_out_and_the_way_back(self, ada: World) -> None:
        ada.api.post("/privacy/closing")
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})

        assert ada.api.get("/auth/me").json()["closing_at"] == "2027-02-14T08:00:00Z"
        assert code_of(ada.api.get("/tracks")) == "account_closing"
        assert code_of(ada.api.post("/uploads", {"filename": "a.wav", "size_bytes": 1})) == "account_closing"
        assert code_of(ada.api.get("/auth/sessions")) == "account_closing"
        assert ada.api.get("/privacy/exports").status_code == 200

        assert ada.api.delete("/privacy/closing").status_code == 204
        assert ada.api.get("/auth/me").json()["closing_at"] is None
        assert ada.api.get("/tracks").status_code == 200
        assert AccountKept(account_id=str(ada.account_id)) in [event.message() for event in ada.events()]

    def test_asked_again_the_time_stays(self, ada: World) -> None:
        first = ada.api.post("/privacy/closing").json()
        ada.clock.advance(3600)
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})
        assert ada.api.post("/privacy/closing").json() == first

    def test_cannot_be_taken_back_when_the_time_is_over(self, ada: World) -> None:
        ada.api.post("/privacy/closing")
        ada.clock.advance(CLOSING_GRACE_S)
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})

        answer = ada.api.delete("/privacy/closing")

        assert (answer.status_code, code_of(answer)) == (409, "account_erased")

    def test_to_keep_what_stays_is_fine(self, ada: World) -> None:
        assert ada.api.delete("/privacy/closing").status_code == 204

    def test_takes_a_proof_of_a_moment_ago(self, world: World) -> None:
        world.be("ada")
        world.clock.advance(STEP_UP_S + 1)
        world.renew_access_only()
        for path in ("/privacy/closing", "/privacy/exports"):
            assert code_of(world.api.post(path)) == "step_up_needed"

    def test_api_keys_stop_at_once_and_work_again(self, ada: World) -> None:
        wanted = {"name": "x", "scopes": ["read"], "expires_in": 3600}
        program = ada.api.another()
        program.token = ada.api.post("/auth/api-keys", wanted).json()["key"]
        ada.api.post("/privacy/closing")
        assert code_of(program.get("/tracks")) == "api_key_invalid"
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})
        ada.api.delete("/privacy/closing")
        assert program.get("/tracks").status_code == 200

    def test_is_not_for_programs(self, ada: World) -> None:
        wanted = {"name": "x", "scopes": ["read", "write"], "expires_in": 3600}
        program = ada.api.another()
        program.token = ada.api.post("/auth/api-keys", wanted).json()["key"]
        for path in ("/privacy/closing", "/privacy/exports"):
            assert code_of(program.post(path)) == "person_needed"


class TestExports:
    def made(self, ada: World) -> Export:
        """As the consumer would."""
        now = ada.clock.now()
        export = Export(id=new_id(), account_id=AccountId(str(ada.account_id)), asked_at=now).made(Bytes(7), now)
        ExportRepository(ada.tables["accounts"], ada.tables["outbox"]).add(export, events=[], now=now)
        return export

    def test_is_asked_for_once_while_it_is_being_made(self, ada: World) -> None:
        first = ada.api.post("/privacy/exports")
        assert first.status_code == 202
        assert first.json()["state"] == "waiting"
        assert ada.api.post("/privacy/exports").json() == first.json()
        asked = [event.message() for event in ada.events() if event.type == "export.asked"]
        assert asked == [ExportAsked(account_id=str(ada.account_id), export_id=first.json()["id"])]

    def test_one_that_never_came_can_be_asked_for_again(self, ada: World) -> None:
        first = ada.api.post("/privacy/exports").json()
        ada.clock.advance(EXPORT_GIVEN_UP_S)
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})
        second = ada.api.post("/privacy/exports").json()
        assert second["id"] != first["id"]
        assert [item["state"] for item in ada.api.get("/privacy/exports").json()["items"]] == ["waiting", "failed"]

    def test_three_a_day(self, ada: World) -> None:
        ada.limits_hold()
        for _ in range(3):
            ada.api.post("/privacy/exports")
            self._finish(ada)
        answer = ada.api.post("/privacy/exports")
        assert (answer.status_code, code_of(answer)) == (429, "rate_limited")

    def _finish(self, ada: World) -> None:
        exports = ExportRepository(ada.tables["accounts"], ada.tables["outbox"])
        now = ada.clock.now()
        for export in exports.list_of(AccountId(str(ada.account_id))):
            exports.finish(export.made(Bytes(1), now), events=[], now=now)

    def test_the_link_is_signed_and_short(self, ada: World) -> None:
        export = self.made(ada)
        url = ada.api.post(f"/privacy/exports/{export.id}/link").json()["url"]
        assert url == f"https://exports.invalid/{export.key}?veza-export.zip&application/zip&{EXPORT_URL_S}"

    def test_there_is_none_before_it_is_ready_nor_after_its_time(self, ada: World) -> None:
        waiting = ada.api.post("/privacy/exports").json()
        expired = self.made(ada)
        ada.clock.advance(EXPORT_KEEP_S)
        ada.api.post("/auth/login", {"email": ADA["email"], "password": "a-kettle-full-of-larks"})
        for export_id in (waiting["id"], expired.id, new_id()):
            assert code_of(ada.api.post(f"/privacy/exports/{export_id}/link")) == "export_not_found"

    def test_is_nobody_elses(self, ada: World) -> None:
        export = self.made(ada)
        stranger = ada.somebody_else()
        assert code_of(stranger.post(f"/privacy/exports/{export.id}/link")) == "export_not_found"
        assert stranger.get("/privacy/exports").json() == {"items": []}


def test_times_are_told_as_everywhere(ada: World) -> None:
    export = TestExports().made(ada)
    (told,) = ada.api.get("/privacy/exports").json()["items"]
    assert told == {
        "id": export.id,
        "state": "ready",
        "asked_at": "2027-01-15T08:00:00Z",
        "ready_at": "2027-01-15T08:00:00Z",
        "expires_at": "2027-01-22T08:00:00Z",
        "size_bytes": 7,
    }
