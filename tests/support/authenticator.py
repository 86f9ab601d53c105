"""A passkey in software: makes keys and answers questions as a device would (WebAuthn Level 3); it can misbehave."""

import base64
import hashlib
import json
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(content: bytes) -> str:
    """Return ``content`` as base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass(slots=True)
class SoftKey:
    """One passkey. ``count`` goes up with each use, as on most devices; 0 for ever with ``counts`` off."""

    origin: str = ORIGIN
    counts: bool = True
    count: int = 0
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, offer: Mapping[str, Any]) -> str:
        """Answer an offer to make a key, as JSON of ``navigator.credentials.create()``."""
        numbers = self.private.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        named = struct.pack(">16sH", bytes(16), len(self.credential)) + self.credential + cbor2.dumps(public)
        data = self._data(offer["rp"]["id"], PRESENT | VERIFIED | ATTESTED) + named
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", offer["challenge"], {"attestationObject": encoded(attested)})

    def get(self, question: Mapping[str, Any]) -> str:
        """Answer a question, as JSON of ``navigator.credentials.get()``."""
        self.count += int(self.counts)
        data = self._data(question["rpId"], PRESENT | VERIFIED)
        client = self._client("webauthn.get", question["challenge"])
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"authenticatorData": encoded(data), "signature": encoded(signature)}
        return self._answer("webauthn.get", question["challenge"], said)

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, kind: str, challenge: str, said: Mapping[str, str]) -> str:
        response = {"clientDataJSON": encoded(self._client(kind, challenge)), **said}
        name = encoded(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
