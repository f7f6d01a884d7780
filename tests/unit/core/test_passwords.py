"""How passwords are hashed."""

import argon2
import bcrypt
import pytest
from argon2.exceptions import InvalidHashError

from core.adapters.passwords import Argon2PasswordHasher

PASSWORD = "a-kettle-full-of-larks"


def test_the_parameters_are_owasps() -> None:
    assert Argon2PasswordHasher().hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_password_never_hashes_the_same() -> None:
    hasher = Argon2PasswordHasher()
    assert hasher.hash(PASSWORD) != hasher.hash(PASSWORD)


def test_the_decoy_costs_as_much_as_a_real_hash_and_is_made_once() -> None:
    hasher = Argon2PasswordHasher()
    assert hasher.decoy() == hasher.decoy()
    assert argon2.extract_parameters(hasher.decoy()) == argon2.extract_parameters(hasher.hash(PASSWORD))


def test_hashes_made_with_other_parameters_still_verify() -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert Argon2PasswordHasher().verify(older, PASSWORD)


def test_hashes_made_with_weaker_parameters_are_outdated() -> None:
    older = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    assert Argon2PasswordHasher().is_outdated(older)


@pytest.mark.parametrize("password", [PASSWORD, "ä" * 60])
def test_bcrypt_hashes_verify_and_are_outdated(password: str) -> None:
    old = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds=4)).decode()
    hasher = Argon2PasswordHasher()
    assert hasher.verify(old, password)
    assert not hasher.verify(old, "another password")
    assert hasher.is_outdated(old)


def test_a_row_that_holds_no_hash_is_a_fault_and_no_wrong_password() -> None:
    with pytest.raises(InvalidHashError):
        Argon2PasswordHasher().verify("nothing", PASSWORD)
