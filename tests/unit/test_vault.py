"""The vault: ranges, tampering, the write order and what a crash leaves."""

import hashlib
import itertools
import os
import secrets
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import clock
from portal.files.keys import SealBroken
from portal.files.vault import CHUNK, BlobMissing, Vault

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))
AAD = "ada|package|1"
HEAD, SEALED = 40, CHUNK + 16
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def everything(vault: Vault, name: str, key: bytes = KEY, aad: str = AAD) -> bytes:
    return b"".join(vault.read(name, key, aad))


def on_disk(vault: Vault, name: str) -> Path:
    return vault._blobs / name


@pytest.mark.parametrize("size", SIZES)
def test_what_was_written_is_read_back(vault: Vault, size: int) -> None:
    data = secrets.token_bytes(size)
    stored = vault.write(KEY, AAD, [data])
    assert everything(vault, stored.name) == data
    assert (stored.size, vault.size(stored.name)) == (size, size)
    assert (
        stored.sha256
        == vault.digest(stored.name)
        == hashlib.sha256(on_disk(vault, stored.name).read_bytes()).hexdigest()
    )


@settings(max_examples=60)
@given(
    size=st.sampled_from(SIZES),
    cuts=st.lists(st.integers(1, CHUNK * 2), max_size=6),
    start=st.integers(0, 4 * CHUNK),
    stop=st.none() | st.integers(0, 4 * CHUNK),
)
def test_any_range_equals_the_slice(vault: Vault, size: int, cuts: list[int], start: int, stop: int | None) -> None:
    data = hashlib.shake_128(b"page").digest(size)
    places = sorted({0, size, *(cut for cut in cuts if cut < size)})
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    stored = vault.write(KEY, AAD, iter(pieces))
    assert b"".join(vault.read(stored.name, KEY, AAD, start, stop)) == data[start:stop]


def test_a_range_reads_only_its_own_chunks(vault: Vault) -> None:
    data = secrets.token_bytes(5 * CHUNK)
    stored = vault.write(KEY, AAD, [data])
    path = on_disk(vault, stored.name)
    raw = bytearray(path.read_bytes())
    raw[HEAD + 5] ^= 1
    path.write_bytes(raw)
    assert b"".join(vault.read(stored.name, KEY, AAD, 2 * CHUNK, 3 * CHUNK)) == data[2 * CHUNK : 3 * CHUNK]
    with pytest.raises(SealBroken):
        everything(vault, stored.name)


def test_a_negative_range_is_refused(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [b"abc"])
    with pytest.raises(ValueError, match="range"):
        vault.read(stored.name, KEY, AAD, -1)


def test_a_cut_file_gives_no_byte(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [secrets.token_bytes(3 * CHUNK)])
    path = on_disk(vault, stored.name)
    raw = path.read_bytes()
    for length in (0, 1, HEAD, HEAD + 15, HEAD + 16, HEAD + SEALED, HEAD + 2 * SEALED, len(raw) - 1):
        path.write_bytes(raw[:length])
        with pytest.raises(SealBroken):
            vault.read(stored.name, KEY, AAD, 0, 10)


def test_chunks_moved_repeated_or_appended_do_not_open(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [secrets.token_bytes(4 * CHUNK)])
    path = on_disk(vault, stored.name)
    raw = path.read_bytes()
    head, body = raw[:HEAD], raw[HEAD:]
    chunks = [body[n * SEALED : (n + 1) * SEALED] for n in range(4)]
    for order in ([1, 0, 2, 3], [0, 0, 2, 3], [0, 2, 3], [0, 1, 2, 3, 3], [3], [0, 1, 3, 2]):
        path.write_bytes(head + b"".join(chunks[n] for n in order))
        with pytest.raises(SealBroken):
            everything(vault, stored.name)


def test_a_chunk_of_another_file_under_the_same_key_does_not_open(vault: Vault) -> None:
    one, two = (vault.write(KEY, AAD, [secrets.token_bytes(2 * CHUNK)]) for _ in range(2))
    raw = bytearray(on_disk(vault, one.name).read_bytes())
    raw[HEAD : HEAD + SEALED] = on_disk(vault, two.name).read_bytes()[HEAD : HEAD + SEALED]
    on_disk(vault, one.name).write_bytes(raw)
    with pytest.raises(SealBroken):
        everything(vault, one.name)


@pytest.mark.parametrize("place", [0, 1, 33, HEAD, HEAD + 30])
def test_a_flipped_bit_anywhere_is_found(vault: Vault, place: int) -> None:
    stored = vault.write(KEY, AAD, [b"x" * 40])
    path = on_disk(vault, stored.name)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 0x10
    path.write_bytes(raw)
    with pytest.raises(SealBroken):
        vault.read(stored.name, KEY, AAD)


def test_another_key_or_another_place_opens_nothing(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [b"secret"])
    for key, aad in ((bytes(32), AAD), (KEY, "rex|package|1"), (KEY, "ada|identity|1")):
        with pytest.raises(SealBroken):
            vault.read(stored.name, key, aad)


def test_the_disk_holds_no_plaintext_and_private_modes(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [b"CANARY-in-the-clear" * 9000])
    path = on_disk(vault, stored.name)
    assert b"CANARY" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [len(name) for name in vault.names()] == [32]


@pytest.mark.parametrize("name", ["", "..", "../secret", "A" * 32, "0" * 31, "0" * 33, "/etc/passwd", "0" * 32 + "\n"])
def test_a_name_that_is_not_ours_is_not_there(vault: Vault, name: str) -> None:
    with pytest.raises(BlobMissing):
        vault.read(name, KEY, AAD)
    with pytest.raises(BlobMissing):
        vault.delete(name)


def test_a_planted_link_or_folder_is_refused(vault: Vault, tmp_path: Path) -> None:
    stored = vault.write(KEY, AAD, [b"real"])
    outside = tmp_path / "outside"
    outside.write_bytes(on_disk(vault, stored.name).read_bytes())
    (vault._blobs / ("a" * 32)).symlink_to(outside)
    (vault._blobs / ("b" * 32)).symlink_to(on_disk(vault, stored.name))
    (vault._blobs / ("c" * 32)).mkdir()
    os.mkfifo(vault._blobs / ("d" * 32))
    for name in ("a" * 32, "b" * 32, "c" * 32, "d" * 32):
        with pytest.raises(BlobMissing):
            vault.read(name, KEY, AAD)
    assert outside.exists()


def test_deleting_twice_is_quiet(vault: Vault) -> None:
    stored = vault.write(KEY, AAD, [b"x"])
    assert vault.delete(stored.name)
    assert not vault.delete(stored.name)
    with pytest.raises(BlobMissing):
        vault.read(stored.name, KEY, AAD)


def test_a_source_that_fails_half_way_leaves_nothing(vault: Vault) -> None:
    def chunks() -> "list[bytes]":
        raise OSError("source gone")

    with pytest.raises(OSError, match="source gone"):
        vault.write(KEY, AAD, (piece for piece in [b"a" * CHUNK * 2, *chunks()]))
    assert vault.names() == set()
    assert list(vault._incoming.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_says_so(vault: Vault) -> None:
    filling = f"""
import resource
from pathlib import Path
from portal.files.vault import CHUNK, Vault
resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK, CHUNK))
try:
    Vault(Path({str(vault._blobs.parent)!r})).write(bytes(32), "a", [bytes(10 * CHUNK)])
except OSError as error:
    print(error.strerror)
"""
    ran = subprocess.run([sys.executable, "-c", filling], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "File too large\n"
    assert vault.names() == set()
    assert list(vault._incoming.iterdir()) == []


def test_the_order_is_write_sync_rename_sync_folder(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(descriptor: int) -> None:
        steps.append("sync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "sync file")
        real_fsync(descriptor)

    def rename(source: Path, target: Path) -> None:
        steps.append("rename")
        real_rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    vault.write(KEY, AAD, [b"x"])
    assert steps == ["sync file", "rename", "sync folder"]


def test_the_sweep_takes_old_files_without_a_row_and_nothing_else(vault: Vault) -> None:
    known, orphan, young = (vault.write(KEY, AAD, [b"x"]).name for _ in range(3))
    half = vault._incoming / ("e" * 32)
    half.write_bytes(b"half")
    day_ago = (clock.now() - timedelta(days=2)).timestamp()
    for path in (on_disk(vault, known), on_disk(vault, orphan), half):
        os.utime(path, (day_ago, day_ago))
    moment = clock.now() - timedelta(days=1)
    assert len(vault.orphans({known}, moment)) == 2
    assert set(vault.sweep_orphans({known}, moment)) == {orphan, half.name}
    assert vault.names() == {known, young}
    assert vault.sweep_orphans({known}, moment) == []
