"""What somebody agreed to is kept with its version, and a browser's refusal counts."""

import pytest

from tests.integration.api.world import PASSWORD, World

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD}
TERMS = {"document": "terms", "version": "2026-11", "granted": True}
GPC = {"Sec-GPC": "1"}


@pytest.fixture
def ada(world: World) -> World:
    world.be("ada")
    return world


def held(world: World) -> dict[str, tuple[str, bool]]:
    items = world.api.get("/privacy/consents").json()["held"]
    return {consent["document"]: (consent["version"], consent["granted"]) for consent in items}


def test_the_latest_decision_holds_and_none_is_forgotten(ada: World) -> None:
    ada.api.post("/privacy/consents", TERMS)
    ada.clock.advance(60)
    ada.api.post("/privacy/consents", {**TERMS, "granted": False})
    ada.clock.advance(60)
    ada.api.post("/privacy/consents", TERMS)
    ada.clock.advance(60)
    ada.api.post("/privacy/consents", {**TERMS, "granted": False})

    assert held(ada) == {"terms": ("2026-11", False)}
    assert [c["granted"] for c in ada.api.get("/privacy/consents").json()["ledger"]] == [False, True, False, True]


def test_a_version_that_is_not_shown_to_anybody_is_refused(ada: World) -> None:
    answer = ada.api.post("/privacy/consents", {**TERMS, "version": "2025-01"})

    assert (answer.status_code, answer.json()["code"]) == (422, "version_unknown")


def test_saying_it_again_adds_nothing(ada: World) -> None:
    for _ in range(3):
        assert ada.api.post("/privacy/consents", TERMS).status_code == 201

    assert len(ada.api.get("/privacy/consents").json()["ledger"]) == 1


@pytest.mark.parametrize("way", ["password", "link"])
def test_a_browser_s_signal_is_a_refusal(world: World, way: str) -> None:
    world.register(ADA)
    if way == "password":
        world.api.post("/auth/login", {"email": ADA["email"], "password": PASSWORD}, headers=GPC)
    else:
        world.api.post("/auth/magic-link", {"email": ADA["email"]})
        world.api.post("/auth/magic-link/sign-in", {"token": world.mailed_token(ADA["email"])}, headers=GPC)

    (consent,) = world.api.get("/privacy/consents").json()["held"]

    assert (consent["document"], consent["granted"], consent["by_signal"]) == ("statistics", False, True)


def test_what_a_person_said_to_us_weighs_more_than_the_signal(ada: World) -> None:
    ada.api.post("/privacy/consents", {"document": "statistics", "version": "2026-11", "granted": True})

    ada.api.get("/privacy/consents", headers=GPC)

    assert held(ada) == {"statistics": ("2026-11", True)}


@pytest.mark.parametrize("value", ["0", "", "true", "11"])
def test_other_values_are_no_signal(ada: World, value: str) -> None:
    ada.api.get("/privacy/consents", headers={"Sec-GPC": value})

    assert held(ada) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"document": "soul"},
        {"version": ""},
        {"version": "a b"},
        *({"granted": value} for value in ("maybe", "no", 0, 1)),
    ],
)
def test_nonsense_is_refused(ada: World, change: dict[str, object]) -> None:
    assert ada.api.post("/privacy/consents", {**TERMS, **change}).status_code == 422


def test_other_people_s_are_not_shown(ada: World) -> None:
    ada.api.post("/privacy/consents", TERMS)

    assert ada.somebody_else().get("/privacy/consents").json() == {"held": [], "ledger": []}
