"""Names and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.accounts import check_username, fold_email, hash_token
from core.domain.errors import InvalidInput


class TestUsername:
    @pytest.mark.parametrize("name", ["ada", "a-b", "a_b", "x" * 30, "0day", "ada-lovelace_1815"])
    def test_names(self, name: str) -> None:
        assert check_username(name) == name

    def test_capitals_and_blanks_around_do_not_matter(self) -> None:
        assert check_username("  AdA ") == "ada"

    @pytest.mark.parametrize(
        "name",
        ["", "a", "ab", "x" * 31, "-ada", "ada-", "_ada", "a b", "ädä", "ada!", "ada\n!", "ａｄａ"],
    )
    def test_others_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_username(name)
        assert (caught.value.code, caught.value.field) == ("username_invalid", "username")

    @pytest.mark.parametrize("name", ["admin", "Support", "veza"])
    def test_names_that_would_be_taken_for_ours_are_reserved(self, name: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            check_username(name)
        assert caught.value.code == "username_reserved"

    @given(st.text(max_size=40))
    def test_checking_twice_changes_nothing(self, text: str) -> None:
        try:
            name = check_username(text)
        except InvalidInput:
            return
        assert check_username(name) == name
        assert name.isascii()


class TestEmail:
    def test_the_same_address_in_other_letters(self) -> None:
        assert fold_email(" ADA@Example.COM ") == fold_email("ａda@example.com") == "ada@example.com"

    @given(st.emails())
    def test_folding_twice_changes_nothing(self, email: str) -> None:
        assert fold_email(fold_email(email)) == fold_email(email)


def test_tokens_are_stored_as_their_hash() -> None:
    assert hash_token("token") == "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"
