"""Sessions: who is signed in, where that is kept, how it is renewed, which Veza is meant."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from cli.api import RENEW_BEFORE_S, VezaApi
from cli.commands.account import token_in
from cli.credentials import Credentials, CredentialStore
from cli.errors import Misused
from cli.http_calls import API_TIMEOUT, open_client
from cli.patience import Patience, Stop
from cli.places import choose_api_url, find_local_stack, normal_api_url
from core.domain.ids import EpochSeconds
from tests.builders import NOW
from tests.fakes.clock import FakeClock
from tests.unit.cli.conftest import Veza
from tests.unit.cli.veza_server import API, VezaServer


def test_login_keeps_the_session_readable_by_this_user_only(veza: Veza, store: CredentialStore, tmp_path: Path) -> None:
    done = veza("--api-url", API, "login", "ana@veza.test", "--password-stdin", typed="right horse\n")
    assert done.exit_code == 0, done.output
    kept = tmp_path / "config" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "right horse" not in kept.read_text()
    session = store.load(API)
    assert session is not None
    assert (session.username, session.refresh_token) == ("ana", "refresh-0")


def test_a_code_is_asked_for_if_the_account_has_a_second_factor(veza: Veza, server: VezaServer) -> None:
    server.second_factor = True
    done = veza("--api-url", API, "login", "ana@veza.test", typed="123456\n", environ={"VEZA_PASSWORD": "right horse"})
    assert done.exit_code == 0, done.output
    assert "Code of your authenticator app" in done.stderr


def test_a_wrong_code_is_refused(veza: Veza, server: VezaServer, store: CredentialStore) -> None:
    server.second_factor = True
    done = veza("--api-url", API, "login", "ana@veza.test", typed="000000\n", environ={"VEZA_PASSWORD": "right horse"})
    assert done.exit_code == 1
    assert store.load(API) is None


def test_later_commands_use_the_api_of_the_last_login(veza: Veza) -> None:
    veza("--api-url", API, "login", "ana@veza.test", environ={"VEZA_PASSWORD": "right horse"})
    shown = veza("whoami")
    assert shown.exit_code == 0
    assert "ana" in shown.stdout
    assert API in shown.stdout


def test_a_wrong_password_shows_the_sentence_and_no_request_id(veza: Veza) -> None:
    done = veza("--api-url", API, "login", "ana@veza.test", "--password-stdin", typed="wrong\n")
    assert done.exit_code == 1
    assert "The e-mail address or the password is wrong." in done.stderr
    assert "req-1" not in done.stderr


def test_verbose_adds_the_request_id(veza: Veza) -> None:
    done = veza("--verbose", "--api-url", API, "login", "ana@veza.test", "--password-stdin", typed="wrong\n")
    assert "req-1" in done.stderr


def test_a_broken_server_shows_the_request_id_unasked(veza: Veza, server: VezaServer, signed_in: Credentials) -> None:
    answer = {"detail": "Something broke.", "code": "internal", "request_id": "req-9"}
    server.rules.append(lambda _: httpx.Response(500, json=answer))
    done = veza("whoami")
    assert done.exit_code == 3
    assert "Something broke." in done.stderr
    assert "req-9" in done.stderr
    assert len(server.requests) == 4


def test_no_answer_is_exit_code_3(veza: Veza, signed_in: Credentials, unreachable: httpx.MockTransport) -> None:
    assert veza("tracks", transport=unreachable).exit_code == 3


def test_without_a_session_the_way_in_is_shown(veza: Veza) -> None:
    done = veza("--api-url", API, "tracks")
    assert done.exit_code == 1
    assert "veza login" in done.stderr


def test_logout_forgets_the_session_even_when_nobody_answers(
    veza: Veza, store: CredentialStore, signed_in: Credentials, unreachable: httpx.MockTransport
) -> None:
    assert veza("logout", transport=unreachable).exit_code == 3
    assert store.load(API) is None


def test_logout_everywhere_says_so_to_the_server(
    veza: Veza, server: VezaServer, store: CredentialStore, signed_in: Credentials
) -> None:
    done = veza("logout", "--everywhere")
    assert done.exit_code == 0, done.output
    assert server.asked("POST", "/auth/logout-everywhere") == 1
    assert store.load(API) is None


def test_logout_everywhere_needs_an_answer(
    veza: Veza, store: CredentialStore, signed_in: Credentials, unreachable: httpx.MockTransport
) -> None:
    """Said to be signed out everywhere while one is not would be worse than an error."""
    assert veza("logout", "--everywhere", transport=unreachable).exit_code == 3
    assert store.load(API) is not None


def test_an_old_access_token_is_renewed_before_it_is_used(
    veza: Veza, server: VezaServer, store: CredentialStore, signed_in: Credentials
) -> None:
    store.save(replace(signed_in, access_expires_at=0.0))
    assert veza("whoami").exit_code == 0
    renewed = store.load(API)
    assert renewed is not None
    assert (renewed.access_token, renewed.refresh_token) == ("access-1", "refresh-1")
    assert server.asked("GET", "/auth/me") == 1


@pytest.mark.parametrize("off_s", [-300, 0, 300])
def test_20_a_clock_that_is_off_renews_as_well_as_any_other(
    server: VezaServer, store: CredentialStore, off_s: int
) -> None:
    """What counts is how long a token lives, by whatever clock."""
    clock = FakeClock(EpochSeconds(NOW + off_s))
    with open_client(API_TIMEOUT, server.transport) as client:
        patience = Patience(attempts=1)
        api = VezaApi(api_url=API, client=client, store=store, patience=patience, stop=Stop(), now=clock.now)
        api.login(email="ana@veza.test", password="right horse")
        clock.advance(int(900 - RENEW_BEFORE_S) - 1)
        api.me()
        assert server.asked("POST", "/auth/refresh") == 0
        clock.advance(1)
        api.me()
        assert server.asked("POST", "/auth/refresh") == 1


def test_many_processes_renew_one_session_once(
    veza: Veza, server: VezaServer, store: CredentialStore, signed_in: Credentials
) -> None:
    store.save(replace(signed_in, access_expires_at=0.0))

    def ask(_: int) -> object:
        client = open_client(API_TIMEOUT, server.transport)
        return VezaApi(api_url=API, client=client, store=store, patience=Patience(attempts=1), stop=Stop()).me()

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(ask, range(8)))) == 8
    assert server.asked("POST", "/auth/refresh") == 1


def test_a_session_the_server_ended_is_forgotten(
    veza: Veza, server: VezaServer, store: CredentialStore, signed_in: Credentials
) -> None:
    server.access_token, server.refresh_token = "other", "other-1"
    done = veza("whoami")
    assert done.exit_code == 1
    assert "session has ended" in done.stderr
    assert store.load(API) is None


def test_a_refresh_that_is_throttled_keeps_the_session(
    veza: Veza, server: VezaServer, store: CredentialStore, signed_in: Credentials
) -> None:
    store.save(replace(signed_in, access_expires_at=0.0))
    server.rules.append(lambda r: httpx.Response(429) if r.url.path.endswith("/refresh") else None)
    assert veza("whoami").exit_code == 1
    assert store.load(API) is not None


def test_register_on_a_local_stack_says_where_the_mail_is(veza: Veza, local_stack: Path) -> None:
    done = veza(
        "register", "ana@veza.test", "--username", "ana", "--password-stdin", typed="right horse\n", cwd=local_stack
    )
    assert done.exit_code == 0, done.output
    assert "http://localhost:4566/_ministack/ses/messages" in done.stderr
    assert "veza verify TOKEN" in done.stderr


def test_demo_signs_in_as_the_demo_account(veza: Veza, local_stack: Path) -> None:
    assert veza("login", "--demo", cwd=local_stack).exit_code == 0


def test_demo_needs_a_local_stack(veza: Veza) -> None:
    assert veza("--api-url", API, "login", "--demo").exit_code == 2


@pytest.mark.parametrize(
    "pasted", ["tok-1", " tok-1\n", "https://veza.test/verify?token=tok-1", "https://veza.test/#/verify?token=tok-1"]
)
def test_a_token_can_be_pasted_as_it_is_or_as_the_link(pasted: str) -> None:
    assert token_in(pasted) == "tok-1"


def test_the_nearest_choice_of_api_wins(local_stack: Path) -> None:
    local = find_local_stack(local_stack)
    saved, variable = "https://saved.test/api/v1", {"VEZA_API_URL": "https://env.test"}
    assert choose_api_url("https://option.test", variable, local, saved) == "https://option.test/api/v1"
    assert choose_api_url(None, variable, local, saved) == "https://env.test/api/v1"
    assert choose_api_url(None, {}, local, saved) == API
    assert choose_api_url(None, {}, None, saved) == saved
    with pytest.raises(Misused, match="VEZA_API_URL"):
        choose_api_url(None, {}, None, None)


@pytest.mark.parametrize("text", ["ftp://veza.test", "veza.test", "http://", "https://veza.test:port"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        normal_api_url(text)


def test_a_damaged_credentials_file_is_explained(veza: Veza, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "credentials.json").write_text("{")
    done = veza("--api-url", API, "whoami")
    assert done.exit_code == 2
    assert "damaged" in done.stderr


def test_whoami_json(veza: Veza, signed_in: Credentials) -> None:
    assert json.loads(veza("whoami", "--json").stdout)["username"] == "ana"
