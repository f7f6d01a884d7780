"""Refresh tokens: opaque to clients, worthless in the table, one successor each."""

from hypothesis import given
from hypothesis import strategies as st

from api.accounts import refresh_tokens
from core.domain.ids import SessionId, new_id

KEY = b"a key of the server"


def a_session_id() -> SessionId:
    return SessionId(new_id())


def test_a_token_names_its_session() -> None:
    session_id = a_session_id()

    assert refresh_tokens.session_of(refresh_tokens.first(session_id)) == session_id


def test_two_first_tokens_of_a_session_differ() -> None:
    session_id = a_session_id()

    assert refresh_tokens.first(session_id) != refresh_tokens.first(session_id)


def test_a_token_has_one_successor_of_the_same_session() -> None:
    session_id = a_session_id()
    token = refresh_tokens.first(session_id)

    following = refresh_tokens.successor(token, session_id, KEY)

    assert following == refresh_tokens.successor(token, session_id, KEY)
    assert following != token
    assert refresh_tokens.session_of(following) == session_id


def test_the_successor_cannot_be_told_without_the_key() -> None:
    session_id = a_session_id()
    token = refresh_tokens.first(session_id)

    assert refresh_tokens.successor(token, session_id, KEY) != refresh_tokens.successor(token, session_id, b"another")


def test_a_chain_of_successors_never_repeats() -> None:
    session_id = a_session_id()
    chain = [refresh_tokens.first(session_id)]
    for _ in range(50):
        chain.append(refresh_tokens.successor(chain[-1], session_id, KEY))

    assert len(set(chain)) == len(chain)


@given(st.text())
def test_what_is_no_token_names_no_session(text: str) -> None:
    assert refresh_tokens.session_of(text) is None
