"""Bodies decoded while they arrive."""

import gzip
import random
import zlib
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siegewatch.domain.errors import TooLarge, Unreachable
from siegewatch.net.inflate import decoded

# Without the time of packing, which would name a test anew in every process.
packed = partial(gzip.compress, mtime=0)

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": packed,
    "GZIP ": packed,
    "x-gzip": lambda body: packed(body[:100]) + packed(body[100:]) + b"\0" * 9,
    "deflate": zlib.compress,
    "Deflate": lambda body: zlib.compress(body)[2:-4],  # the bare stream that some servers send
    "identity": bytes,
    "": bytes,
    "utf-8": bytes,
}


def unpacked(data: bytes, encoding: str, max_bytes: int = 1_000_000, step: int = 1_000) -> bytes:
    chunks = (data[start : start + step] for start in range(0, len(data), step))
    return b"".join(decoded(chunks, encoding, max_bytes))


@pytest.mark.parametrize("encoding", PACKERS)
@pytest.mark.parametrize("size", [0, 500, 150_000])
def test_bodies_are_decoded(encoding: str, size: int) -> None:
    body = (b"<item>%d</item>" * 20_000)[:size]
    assert unpacked(PACKERS[encoding](body), encoding) == body


@given(st.binary(max_size=300), st.integers(7, 50), st.sampled_from(["gzip", "x-gzip", "deflate"]))
def test_bodies_are_decoded_however_they_are_cut_into_chunks(body: bytes, step: int, encoding: str) -> None:
    assert unpacked(PACKERS[encoding](body), encoding, step=step) == body


@pytest.mark.parametrize("step", [1, 2, 3])
def test_gzip_members_may_begin_anywhere_in_a_chunk(step: int) -> None:
    assert unpacked(packed(b"one ") + packed(b"two"), "gzip", step=step) == b"one two"


def test_an_empty_body_may_claim_an_encoding() -> None:
    assert unpacked(b"", "gzip") == b""


def test_a_bomb_is_stopped_at_the_cap_and_by_its_ratio() -> None:
    bomb = packed(b"\0" * 20_000_000)
    taken: list[bytes] = []
    with pytest.raises(TooLarge, match="over 200,000 bytes"):
        taken.extend(decoded([bomb], "gzip", 200_000))
    assert sum(map(len, taken)) == 200_000
    with pytest.raises(TooLarge, match="swells"):
        unpacked(bomb, "gzip", 10**9)


def test_no_number_of_empty_members_keeps_a_processor_busy() -> None:
    # Copying the rest for each of them would need minutes for this and hit the timeout of the run.
    with pytest.raises(TooLarge, match="over 1,000 compressed parts"):
        list(decoded([packed(b"") * 750_000], "gzip", 15_000_000))
    assert unpacked(packed(b"x") * 900, "gzip") == b"x" * 900


def test_a_large_body_may_come_at_once() -> None:
    body = random.Random(1).randbytes(3_000_000)
    assert b"".join(decoded([packed(body)], "gzip", 3_000_000)) == body


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", packed(b"x" * 1000)[:-12]),
        ("gzip", b"not gzip at all"),
        ("deflate", zlib.compress(b"x" * 1000)[:5]),
        ("br", b"anything"),
        ("gzip, gzip", packed(packed(b"x"))),
    ],
)
def test_broken_and_unasked_encodings_are_told(encoding: str, data: bytes) -> None:
    with pytest.raises(Unreachable):
        unpacked(data, encoding)
