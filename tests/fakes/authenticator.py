"""A device that keeps passkeys, in software: ES256, no attestation, and a finger that is always there.

W3C Web Authentication level 3: §6.1 authenticator data, §6.5.4 attestation objects, §5.8.1 client data.
"""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Credential:
    id: bytes
    host: str
    user_handle: str
    private: ec.EllipticCurvePrivateKey
    count: int = 0


@dataclass
class FakeAuthenticator:
    """`verifies` is whether it looks at the finger; `counts` whether it keeps a signature count."""

    origin: str
    verifies: bool = True
    counts: bool = True
    kept: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.create`, as JSON."""
        made = Credential(
            id=secrets.token_bytes(32),
            host=options["rp"]["id"],
            user_handle=options["user"]["id"],
            private=ec.generate_private_key(ec.SECP256R1()),
        )
        self.kept.append(made)
        attested = bytes(16) + struct.pack(">H", len(made.id)) + made.id + _cose(made.private)
        data = self._authenticator_data(made, ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        response = {
            "clientDataJSON": b64(client_data),
            "attestationObject": b64(attestation),
            "transports": ["internal"],
        }
        return self._credential(made, response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.get`, as JSON, by the latest passkey for that host."""
        used = [one for one in self.kept if one.host == options["rpId"]][-1]
        used.count += 1
        data = self._authenticator_data(used, 0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signature = used.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": used.user_handle,
        }
        return self._credential(used, response)

    def _authenticator_data(self, credential: Credential, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies else 0) | BACKUP_ELIGIBLE | BACKED_UP
        count = credential.count if self.counts else 0
        return hashlib.sha256(credential.host.encode()).digest() + struct.pack(">BI", flags, count)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, credential: Credential, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": b64(credential.id),
            "rawId": b64(credential.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        }


def _cose(private: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 9053 §7.1.1: EC2, ES256, P-256."""
    numbers = private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
