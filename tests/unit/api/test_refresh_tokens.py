"""Refresh tokens: opaque to clients, worthless in the table, one successor each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.sign_in import refresh_tokens
from api.sign_in.refresh_tokens import Named
from core.domain.ids import AccountId, SessionId, new_id

KEY = b"a key of the server"


@pytest.fixture
def named() -> Named:
    return Named(AccountId(new_id()), SessionId(new_id()))


def test_a_token_names_its_session(named: Named) -> None:
    assert refresh_tokens.named_by(refresh_tokens.first(named, KEY)) == named


def test_two_first_tokens_of_a_session_differ(named: Named) -> None:
    assert refresh_tokens.first(named, KEY) != refresh_tokens.first(named, KEY)


def test_a_token_has_one_successor_of_the_same_session(named: Named) -> None:
    token = refresh_tokens.first(named, KEY)

    following = refresh_tokens.successor(token, named, KEY)

    assert following == refresh_tokens.successor(token, named, KEY)
    assert following != token
    assert refresh_tokens.named_by(following) == named


def test_the_successor_cannot_be_told_without_the_key(named: Named) -> None:
    token = refresh_tokens.first(named, KEY)

    assert refresh_tokens.successor(token, named, KEY) != refresh_tokens.successor(token, named, b"another")


def test_a_chain_of_successors_never_repeats(named: Named) -> None:
    chain = [refresh_tokens.first(named, KEY)]
    for _ in range(50):
        chain.append(refresh_tokens.successor(chain[-1], named, KEY))

    assert len(set(chain)) == len(chain)


@given(st.text())
def test_what_is_no_token_names_no_session(text: str) -> None:
    assert refresh_tokens.named_by(text) is None


def test_our_own_tokens_are_told_from_guesses(named: Named) -> None:
    token = refresh_tokens.first(named, KEY)
    following = refresh_tokens.successor(token, named, KEY)
    other = Named(named.account_id, SessionId(new_id()))
    moved = f"{other.account_id}.{other.session_id}.{token.rpartition('.')[2]}"

    assert refresh_tokens.is_genuine(token, KEY)
    assert refresh_tokens.is_genuine(following, KEY)
    for forged in (moved, token[:-4], f"{token}AAAA", f"{named.account_id}.{named.session_id}.x", "ä.b.c"):
        assert not refresh_tokens.is_genuine(forged, KEY)
    assert not refresh_tokens.is_genuine(token, b"another")
