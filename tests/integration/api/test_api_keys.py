"""Keys for programs: shown once, held to a scope, an end and a pace."""

from typing import Any

import pytest

from core.domain.api_keys import LIFE_MAX_S, PER_ACCOUNT
from core.domain.ids import new_id
from core.domain.limits import STEP_UP_S
from core.domain.permissions import Role
from tests.integration.api.client import ApiClient
from tests.integration.api.world import World

DAY = 24 * 3600


def make(api: ApiClient, *scopes: str, expires_in: int = DAY) -> dict[str, Any]:
    answer = api.post("/auth/api-keys", {"name": "My script", "scopes": list(scopes), "expires_in": expires_in})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def program(world: World, key: str) -> ApiClient:
    client = world.api.another()
    client.token = key
    return client


@pytest.fixture
def ada(world: World) -> World:
    world.be("ada")
    return world


def test_a_key_is_shown_once(ada: World) -> None:
    made = make(ada.api, "read")

    (listed,) = ada.api.get("/auth/api-keys").json()["items"]

    assert listed == {name: value for name, value in made.items() if name != "key"}
    secret = made["key"].rpartition(".")[2]
    assert secret not in str(ada.dynamodb.scan(TableName=ada.tables["accounts"])["Items"])


def test_opens_what_its_scope_says(ada: World) -> None:
    reader, writer = (program(ada, make(ada.api, scope)["key"]) for scope in ("read", "write"))
    upload = {"filename": "song.wav", "size_bytes": 1000}

    assert reader.get("/tracks").status_code == 200
    assert reader.post("/uploads", upload).json()["code"] == "scope_missing"
    assert writer.post("/uploads", upload).status_code == 201
    assert writer.get("/tracks").json()["code"] == "scope_missing"


def test_power_over_others_takes_the_scope_admin_and_the_role(world: World) -> None:
    victim = world.register({"email": "grace@example.com", "username": "grace"})
    world.be("mod", roles=frozenset({Role.USER, Role.MODERATOR}))
    plain, admin = (program(world, make(world.api, *scopes)["key"]) for scopes in (["read"], ["read", "admin"]))
    world.be("ada")
    powerless = program(world, make(world.api, "read", "admin")["key"])

    assert plain.get(f"/admin/users/{victim}").json()["code"] == "scope_missing"
    assert admin.get(f"/admin/users/{victim}").status_code == 200
    assert powerless.get(f"/admin/users/{victim}").json()["code"] == "permission_missing"


def test_a_password_alone_gives_no_power_away(world: World) -> None:
    """Else a key would be the way around the second factor."""
    world.sign_in({"email": "ada@example.com", "username": "ada"})

    answer = world.api.post("/auth/api-keys", {"name": "x", "scopes": ["read", "admin"], "expires_in": DAY})

    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")


def test_does_nothing_dangerous(ada: World) -> None:
    client = program(ada, make(ada.api, "read", "write", "admin")["key"])

    assert client.post("/auth/api-keys", {"name": "x", "scopes": ["read"], "expires_in": DAY}).json()["code"] == (
        "person_needed"
    )


def test_making_one_takes_a_fresh_proof(ada: World) -> None:
    ada.clock.advance(STEP_UP_S + 1)
    ada.renew_access_only()

    answer = ada.api.post("/auth/api-keys", {"name": "x", "scopes": ["read"], "expires_in": DAY})

    assert answer.json()["code"] == "step_up_needed"


def test_ends(ada: World) -> None:
    client = program(ada, make(ada.api, "read")["key"])
    ada.clock.advance(DAY)

    assert client.get("/tracks").json()["code"] == "api_key_invalid"


def test_is_taken_away_at_once(ada: World) -> None:
    made = make(ada.api, "read")
    ada.api.delete(f"/auth/api-keys/{made['id']}")

    assert program(ada, made["key"]).get("/tracks").json()["code"] == "api_key_invalid"


def test_ends_with_its_account(ada: World) -> None:
    client = program(ada, make(ada.api, "read")["key"])
    ada.suspend("ada@example.com")

    assert client.get("/tracks").status_code == 401


def test_the_pace_is_held(ada: World) -> None:
    ada.limits_hold()
    client = program(ada, make(ada.api, "read", "write")["key"])

    found = [client.delete(f"/uploads/{new_id()}").status_code for _ in range(201)]

    assert found == [404] * 200 + [429]
    assert client.get("/tracks").status_code == 200


def test_tells_when_it_was_used_last(ada: World) -> None:
    made = make(ada.api, "read")
    assert ada.api.get("/auth/api-keys").json()["items"][0]["last_used_at"] is None

    program(ada, made["key"]).get("/tracks")

    assert ada.api.get("/auth/api-keys").json()["items"][0]["last_used_at"] is not None


@pytest.mark.parametrize("key", ["veza.x", "veza...", f"veza.{new_id()}.{new_id()}.guess", "veza." + "x" * 500])
def test_guesses_open_nothing(world: World, key: str) -> None:
    assert program(world, key).get("/tracks").json()["code"] == "api_key_invalid"


def test_another_key_s_secret_opens_nothing(ada: World) -> None:
    first, second = make(ada.api, "read")["key"], make(ada.api, "read")["key"]
    mixed = ".".join([*first.split(".")[:3], second.split(".")[3]])

    assert program(ada, mixed).get("/tracks").json()["code"] == "api_key_invalid"


@pytest.mark.parametrize(
    "change", [{"scopes": []}, {"scopes": ["god"]}, {"expires_in": 0}, {"expires_in": LIFE_MAX_S + 1}, {"name": " "}]
)
def test_what_makes_no_sense_is_refused(ada: World, change: dict[str, Any]) -> None:
    wanted = {"name": "x", "scopes": ["read"], "expires_in": DAY, **change}

    assert ada.api.post("/auth/api-keys", wanted).status_code == 422


def test_there_are_only_so_many(ada: World) -> None:
    for _ in range(PER_ACCOUNT):
        make(ada.api, "read")

    answer = ada.api.post("/auth/api-keys", {"name": "x", "scopes": ["read"], "expires_in": DAY})

    assert answer.json()["code"] == "api_keys_too_many"
