"""Keys: what opens, what does not, and what is forgotten for good."""

import base64
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from portal.db import make_engine
from portal.files.keys import (
    DataKey,
    KeyDestroyed,
    KeyFileError,
    KeyRing,
    Purpose,
    SealBroken,
    data_key,
    destroy_key,
    keyed_hash,
    open_sealed,
    rewrap,
    seal,
    subkey,
)
from portal.files.ring import RingKey, decrypt, encrypt

FIXED = KeyRing([RingKey("k1", bytes(range(32)))])


VECTORS = {
    "gcm": bytes.fromhex("63d9d1bcda43e87a10bf79347a9f940a1883bc1a280495"),
    "wrapped": bytes.fromhex(
        "0ebcb5deb52c83bd08a8a935182c9199d24356532881602f809eb383c5ff5d5674bb04a5d0cb6666dee2f69628761c07"
    ),
    "audit": bytes.fromhex("7b8cf66a2635264365672bfed52dcb0bd45ca4764271924170949975a16cb0cc"),
    "hash": bytes.fromhex("45ed78c760bc937d09878cf215608d54198dd7ab6517bc2bf1678c896e2fefd9"),
}


def opened(url: str, ring: KeyRing) -> Iterator[Session]:
    engine = make_engine(url)
    DataKey.metadata.create_all(engine, tables=[DataKey.metadata.tables["data_keys"]])
    with Session(engine, info={"keyring": ring}, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def session() -> Iterator[Session]:
    yield from opened("sqlite://", FIXED)


def test_sealed_bytes_open_for_the_same_owner_and_purpose(session: Session) -> None:
    blob = seal(session, "ada", Purpose.ANSWERS, b"I was born in Ghent")
    assert b"Ghent" not in blob
    assert open_sealed(session, "ada", Purpose.ANSWERS, blob) == b"I was born in Ghent"


def test_the_same_words_never_seal_to_the_same_bytes(session: Session) -> None:
    assert len({seal(session, "ada", Purpose.ANSWERS, b"yes") for _ in range(50)}) == 50


@pytest.mark.parametrize(("owner", "purpose"), [("rex", Purpose.ANSWERS), ("ada", Purpose.CONTACT)])
def test_a_blob_moved_to_another_owner_or_purpose_is_refused(session: Session, owner: str, purpose: Purpose) -> None:
    blob = seal(session, "ada", Purpose.ANSWERS, b"mine")
    seal(session, owner, purpose, b"theirs")
    with pytest.raises(SealBroken):
        open_sealed(session, owner, purpose, blob)


def test_a_wrapped_key_moved_to_another_row_is_refused(session: Session) -> None:
    blob = seal(session, "ada", Purpose.ANSWERS, b"mine")
    seal(session, "rex", Purpose.ANSWERS, b"theirs")
    ada = session.scalars(select(DataKey).where(DataKey.owner == "ada")).one()
    session.scalars(select(DataKey).where(DataKey.owner == "rex")).one().wrapped = ada.wrapped
    with pytest.raises(SealBroken):
        open_sealed(session, "rex", Purpose.ANSWERS, blob)


def test_every_flipped_bit_and_every_cut_gives_the_same_error(session: Session) -> None:
    blob = seal(session, "ada", Purpose.MESSAGES, b"hello")
    broken = [blob[:n] for n in range(len(blob))]
    broken += [blob[:n] + bytes([blob[n] ^ 1]) + blob[n + 1 :] for n in range(len(blob))]
    sentences = set()
    for candidate in broken:
        with pytest.raises(SealBroken) as caught:
            open_sealed(session, "ada", Purpose.MESSAGES, candidate)
        sentences.add(str(caught.value))
    assert len(sentences) == 1


def test_a_destroyed_key_opens_nothing_and_is_never_made_again(session: Session) -> None:
    blob = seal(session, "ada", Purpose.IDENTITY, b"the card")
    assert destroy_key(session, "ada", Purpose.IDENTITY)
    assert not destroy_key(session, "ada", Purpose.IDENTITY)
    with pytest.raises(KeyDestroyed):
        open_sealed(session, "ada", Purpose.IDENTITY, blob)
    with pytest.raises(KeyDestroyed):
        seal(session, "ada", Purpose.IDENTITY, b"another card")
    row = session.scalars(select(DataKey)).one()
    session.refresh(row)
    assert row.wrapped is None
    assert row.destroyed_at is not None


def test_destroying_one_key_leaves_the_others(session: Session) -> None:
    kept = seal(session, "ada", Purpose.ANSWERS, b"kept")
    seal(session, "ada", Purpose.IDENTITY, b"gone")
    destroy_key(session, "ada", Purpose.IDENTITY)
    assert open_sealed(session, "ada", Purpose.ANSWERS, kept) == b"kept"


def test_reading_makes_no_key(session: Session) -> None:
    with pytest.raises(KeyDestroyed):
        data_key(session, "nobody", Purpose.ANSWERS)
    assert session.scalars(select(DataKey)).all() == []


def test_a_destroyed_key_is_not_in_the_database_file_any_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    wrapped: bytes | None = None
    for session in opened(url, FIXED):
        seal(session, "ada", Purpose.IDENTITY, b"the card")
        session.commit()
        wrapped = session.scalars(select(DataKey.wrapped)).one()
        session.commit()
        destroy_key(session, "ada", Purpose.IDENTITY)
        session.commit()
    assert wrapped is not None
    plain = create_engine(url)
    with plain.connect() as connection:
        connection.execute(text("pragma wal_checkpoint(truncate)"))
    plain.dispose()
    assert not [path for path in tmp_path.iterdir() if wrapped[-40:] in path.read_bytes()]


def test_the_database_opens_nothing_without_the_key_file(session: Session, tmp_path: Path) -> None:
    blob = seal(session, "ada", Purpose.ANSWERS, b"mine")
    session.info["keyring"] = KeyRing.create(tmp_path / "other.key")
    with pytest.raises(SealBroken):
        open_sealed(session, "ada", Purpose.ANSWERS, blob)


def test_rotation_rewraps_every_key_and_the_old_one_can_go(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "ring.key"
    session.info["keyring"] = old = KeyRing.create(path)
    blobs = {f"case{n}": seal(session, f"case{n}", Purpose.ANSWERS, str(n).encode()) for n in range(5)}
    destroy_key(session, "case4", Purpose.ANSWERS)
    found_by = keyed_hash(session, "email", "ada@example.com")
    KeyRing.rotate(path)
    session.info["keyring"] = KeyRing.rotate(path)
    assert [rewrap(session, limit=3), rewrap(session, limit=3), rewrap(session, limit=3)] == [3, 1, 0]
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[-1]]))
    session.info["keyring"] = now = KeyRing.load(path)
    assert now.current != old.current
    assert [open_sealed(session, f"case{n}", Purpose.ANSWERS, blobs[f"case{n}"]) for n in range(4)] == [
        b"0",
        b"1",
        b"2",
        b"3",
    ]
    assert keyed_hash(session, "email", "ada@example.com") == found_by
    with pytest.raises(KeyDestroyed):
        open_sealed(session, "case4", Purpose.ANSWERS, blobs["case4"])


def test_a_new_key_file_is_private_and_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ring.key"
    KeyRing.create(path)
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        KeyRing.create(path)
    assert path.read_bytes() == before


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ring.key"
    KeyRing.create(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        KeyRing.load(path)


GOOD = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "content",
    ["", "# only words\n", "k1\n", "k1 short\n", f"k1 {GOOD[:-4]}\n", f"k1 {GOOD}\nk1 {GOOD}\n", f"k/1 {GOOD}"],
)
def test_a_malformed_key_file_is_refused_without_showing_a_key(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ring.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError) as caught:
        KeyRing.load(path)
    assert GOOD not in str(caught.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"absent\.key"):
        KeyRing.load(tmp_path / "absent.key")


def test_hashes_differ_by_label_and_ring_but_not_by_time(session: Session, tmp_path: Path) -> None:
    first = keyed_hash(session, "email", "ada@example.com")
    assert first == keyed_hash(session, "email", "ada@example.com")
    assert first != keyed_hash(session, "name", "ada@example.com")
    session.info["keyring"] = KeyRing.create(tmp_path / "other.key")
    assert first != keyed_hash(session, "email", "ada@example.com")


def test_an_owner_cannot_smuggle_a_purpose_in(session: Session) -> None:
    for owner in ("", "ada|answers", "é", "a" * 65):
        with pytest.raises(ValueError, match="owner"):
            seal(session, owner, Purpose.ANSWERS, b"x")


def test_the_formats_are_what_the_docs_say(session: Session) -> None:
    """Vectors: made once from the written format by other means (OpenSSL's own HKDF, HMAC and GCM)."""
    key, nonce = bytes(range(32)), bytes(12)
    vector = VECTORS["gcm"]
    assert decrypt(key, "ada|answers|1", nonce + vector) == b"medbook"
    wrapped = b"\x01\x02k1" + nonce + VECTORS["wrapped"]
    assert FIXED.unwrap(wrapped, "key|ada|answers|1") == bytes(32)
    assert subkey(FIXED, "audit") == VECTORS["audit"]
    assert subkey(session, "audit") == VECTORS["audit"]
    assert keyed_hash(session, "email", "ada@example.com") == VECTORS["hash"].hex()


@given(st.binary(max_size=300), st.text(max_size=40))
def test_encrypt_then_decrypt_is_the_same(plaintext: bytes, aad: str) -> None:
    assert decrypt(bytes(32), aad, encrypt(bytes(32), aad, plaintext)) == plaintext
