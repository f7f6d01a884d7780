"""What every PasswordHasher, TokenSigner, Secrets and Clock promises."""

from dataclasses import replace

import pytest

from core.domain.errors import NotAuthenticated, Unavailable
from core.domain.ids import EpochSeconds, new_id
from core.domain.passwords import GUESSES_MIN
from core.ports.clock import Clock
from core.ports.credentials import AccessClaims, PasswordGuesser, PasswordHasher, Sealer, Secrets, TokenSigner
from tests.fakes.clock import FakeClock

PASSWORD = "a-kettle-full-of-larks"


class PasswordHasherContract:
    """Subclasses bring `hasher`."""

    def test_the_right_password_fits(self, hasher: PasswordHasher) -> None:
        assert hasher.verify(hasher.hash(PASSWORD), PASSWORD)

    @pytest.mark.parametrize("wrong", ["", "a-kettle-full-of-lark", PASSWORD.upper(), PASSWORD + " ", "ä" * 64])
    def test_a_wrong_password_does_not(self, hasher: PasswordHasher, wrong: str) -> None:
        assert not hasher.verify(hasher.hash(PASSWORD), wrong)

    def test_the_hash_does_not_show_the_password(self, hasher: PasswordHasher) -> None:
        assert PASSWORD not in hasher.hash(PASSWORD)

    def test_nothing_fits_the_decoy(self, hasher: PasswordHasher) -> None:
        assert not hasher.verify(hasher.decoy(), PASSWORD)
        assert not hasher.verify(hasher.decoy(), hasher.decoy())

    def test_a_fresh_hash_is_not_outdated(self, hasher: PasswordHasher) -> None:
        assert not hasher.is_outdated(hasher.hash(PASSWORD))

    def test_the_decoy_looks_like_any_hash(self, hasher: PasswordHasher) -> None:
        assert len(hasher.decoy()) == len(hasher.hash(PASSWORD))


class PasswordGuesserContract:
    """Subclasses bring `guesser`."""

    @pytest.mark.parametrize("easy", ["aaaaaaaaaaaa", "ada-lovelace", "ada@example.com1"])
    def test_dull_and_personal_ones_are_guessed_soon(self, guesser: PasswordGuesser, easy: str) -> None:
        assert guesser.guesses(easy, ["ada-lovelace", "ada@example.com"]) < GUESSES_MIN

    @pytest.mark.parametrize("hard", [PASSWORD, "пароль моей бабушки", "seven herons at the weir"])
    def test_sentences_are_not(self, guesser: PasswordGuesser, hard: str) -> None:
        assert guesser.guesses(hard, ["ada", "ada@example.com"]) >= GUESSES_MIN


class TokenSignerContract:
    """Subclasses bring `signer` and the `clock` it goes by."""

    published = 1
    """Keys that anybody may read."""

    def claims(self, clock: FakeClock, life_s: int = 900) -> AccessClaims:
        now = clock.now()
        return AccessClaims(
            account_id=new_id(),
            session_id=new_id(),
            token_id=new_id(),
            token_version=3,
            issued_at=now,
            expires_at=EpochSeconds(now + life_s),
        )

    def test_what_was_signed_is_read_back(self, signer: TokenSigner, clock: FakeClock) -> None:
        claims = self.claims(clock)
        assert signer.verify(signer.sign(claims)) == claims

    def test_20_an_expired_token_is_told_from_a_wrong_one(self, signer: TokenSigner, clock: FakeClock) -> None:
        token = signer.sign(self.claims(clock, life_s=900))
        clock.advance(899)
        signer.verify(token)
        clock.advance(61)
        with pytest.raises(NotAuthenticated) as caught:
            signer.verify(token)
        assert caught.value.code == "token_expired"

    @pytest.mark.parametrize("garbage", ["", "x", "a.b.c", "....", "é.é.é", "eyJhbGciOiJub25lIn0.e30."])
    def test_20_garbage_is_refused(self, signer: TokenSigner, garbage: str) -> None:
        with pytest.raises(NotAuthenticated) as caught:
            signer.verify(garbage)
        assert caught.value.code == "token_invalid"

    def test_20_another_body_under_the_same_signature_is_refused(self, signer: TokenSigner, clock: FakeClock) -> None:
        claims = self.claims(clock)
        mine = signer.sign(claims).split(".")
        theirs = signer.sign(replace(claims, account_id=new_id())).split(".")
        with pytest.raises(NotAuthenticated) as caught:
            signer.verify(".".join([mine[0], theirs[1], mine[2]]))
        assert caught.value.code == "token_invalid"

    def test_the_public_keys_are_public(self, signer: TokenSigner) -> None:
        keys = signer.jwks()["keys"]
        assert len(keys) == self.published
        for key in keys:
            assert set(key) == {"kty", "use", "alg", "kid", "n", "e"}
            assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


class SealerContract:
    """Subclasses bring `sealer`."""

    @pytest.mark.parametrize("text", ["a secret", "schlüssel 🔑", "x" * 4000])
    def test_what_was_sealed_is_read_back(self, sealer: Sealer, text: str) -> None:
        sealed = sealer.seal(text, "of ada")
        assert sealer.open(sealed, "of ada") == text
        assert text not in sealed

    def test_in_another_context_it_is_worth_nothing(self, sealer: Sealer) -> None:
        with pytest.raises(Unavailable):
            sealer.open(sealer.seal("a secret", "of ada"), "of grace")

    @pytest.mark.parametrize("garbage", ["", "garbage", "Z2FyYmFnZQ=="])
    def test_garbage_is_no_secret(self, sealer: Sealer, garbage: str) -> None:
        with pytest.raises(Unavailable):
            sealer.open(garbage, "of ada")


class SecretsContract:
    """Subclasses bring `secrets` and the `name` of one that holds "a secret"."""

    def test_a_secret_is_read(self, secrets: Secrets, name: str) -> None:
        assert secrets.get(name) == "a secret"
        assert secrets.get(name, max_age_s=0) == "a secret"

    def test_a_secret_that_is_not_there_is_unavailable(self, secrets: Secrets) -> None:
        with pytest.raises(Unavailable) as caught:
            secrets.get("no-such-secret")
        assert caught.value.retryable


class ClockContract:
    """Subclasses bring `clock`."""

    def test_time_is_whole_seconds_and_does_not_run_back(self, clock: Clock) -> None:
        first, second = clock.now(), clock.now()
        assert isinstance(first, int)
        assert 1_700_000_000 < first <= second < first + 60

    def test_milliseconds_are_of_the_same_clock(self, clock: Clock) -> None:
        before, at, after = clock.now(), clock.now_ms(), clock.now()
        assert isinstance(at, int)
        assert before <= at // 1000 <= after
