"""WebAuthn by py_webauthn (Duo Labs)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.domain.errors import InvalidInput
from core.domain.ids import AccountId, is_id
from core.domain.passkeys import Ceremony, NewCredential, Passkey

NAME: Final = "Veza"
ALWAYS_ASK: Final = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
)


class WebAuthnPasskeys:
    """PasskeyEngine. `origin` is the page's; its host is what passkeys are bound to."""

    def __init__(self, *, origin: str, host: str) -> None:
        self._origin = origin
        self._host = host

    def registration(self, account_id: AccountId, username: str, known: Sequence[str]) -> Ceremony:
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name=NAME,
            user_id=account_id.encode(),
            user_name=username,
            authenticator_selection=ALWAYS_ASK,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
        )
        return _ceremony(webauthn.options_to_json(options), options.challenge)

    def sign_in(self) -> Ceremony:
        options = webauthn.generate_authentication_options(
            rp_id=self._host, user_verification=UserVerificationRequirement.REQUIRED
        )
        return _ceremony(webauthn.options_to_json(options), options.challenge)

    def challenge_of(self, credential: Mapping[str, Any]) -> str:
        with _refused():
            data = parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"]))
            return bytes_to_base64url(data.challenge)

    def owner_of(self, credential: Mapping[str, Any]) -> tuple[AccountId, str]:
        with _refused():
            account_id = base64url_to_bytes(credential["response"]["userHandle"]).decode()
            if not is_id(account_id):
                raise ValueError("no account of ours")
            return AccountId(account_id), str(credential["id"])

    def verify_registration(self, credential: Mapping[str, Any], challenge: str) -> NewCredential:
        with _refused():
            made = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        return NewCredential(
            id=bytes_to_base64url(made.credential_id),
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            backed_up=made.credential_backed_up,
        )

    def verify_sign_in(self, credential: Mapping[str, Any], challenge: str, passkey: Passkey) -> int:
        with _refused():
            shown = webauthn.verify_authentication_response(
                credential=dict(credential),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        return shown.new_sign_count


def _ceremony(options: str, challenge: bytes) -> Ceremony:
    return Ceremony(options=json.loads(options), challenge=bytes_to_base64url(challenge))


@contextmanager
def _refused() -> Iterator[None]:
    """Everything in a credential comes from outside: what can't be read, or does not verify, is refused alike."""
    try:
        yield
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput("This passkey could not be verified.", code="passkey_invalid", field="credential") from error
