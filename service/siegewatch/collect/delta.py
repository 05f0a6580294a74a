"""Only what is new of a document goes to the parser: the slices of its entries that were read before are left out.

What is remembered of them is a mark each: digests of the slice and of the two keys that its entry can be known by,
since whether these can identify entries is judged over the whole document (identity.trusted).
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from siegewatch.collect.identity import KEY_BYTES, Keys, keys_of
from siegewatch.collect.slices import Slices
from siegewatch.domain.item import Entry

_SLICE_BYTES = 6
_MARK_BYTES = _SLICE_BYTES + 2 * KEY_BYTES
MOST = 300
"""Entries of a document of which marks are kept; longer ones are read as a whole."""


@dataclass(frozen=True, slots=True)
class Known:
    """The marks of a document's entries: `slices` and, in the same order, the keys of each entry as digests."""

    slices: tuple[bytes, ...] = ()
    keys: tuple[Keys, ...] = ()

    def packed(self) -> str:
        """As text, 19 characters an entry."""
        parts = (
            slice_ + b"".join(key or bytes(KEY_BYTES) for key in keys)
            for slice_, keys in zip(self.slices, self.keys, strict=True)
        )
        return b64encode(b"".join(parts)).decode()


def unpacked(text: str) -> Known:
    """What `Known.packed` wrote."""
    raw = b64decode(text)
    marks = [raw[at : at + _MARK_BYTES] for at in range(0, len(raw), _MARK_BYTES)]
    cut, end = _SLICE_BYTES, _SLICE_BYTES + KEY_BYTES
    return Known(
        tuple(mark[:cut] for mark in marks),
        tuple((_key(mark[cut:end]), _key(mark[end:])) for mark in marks),
    )


def digests(slices: Slices) -> tuple[bytes, ...]:
    """Of each entry's slice; none of a document that is longer than marks are kept for, or not sliced to its end."""
    if slices.rest or len(slices.bounds) > MOST:
        return ()
    spans = pairwise(slices.bounds)
    return tuple(blake2b(slices.body[a:b].rstrip(), digest_size=_SLICE_BYTES).digest() for a, b in spans)


def without(slices: Slices, left_out: Sequence[bool]) -> bytes:
    """The document without these entries."""
    kept = (slices.body[a:b] for (a, b), out in zip(pairwise(slices.bounds), left_out, strict=True) if not out)
    return b"".join((slices.body[: slices.bounds[0]], *kept, slices.body[slices.bounds[-1] :]))


def marked(slices: tuple[bytes, ...], left_out: Sequence[bool], known: Known, entries: Sequence[Entry]) -> Known | None:
    """The marks of a document of which `entries` were read and the others left out; None where they do not match one to
    one, so that nothing is left out the next time."""
    if not slices or len(entries) != left_out.count(False):
        return None
    before, read = dict(zip(known.slices, known.keys, strict=True)), iter(entries)
    return Known(
        slices, tuple(before[one] if out else keys_of(next(read)) for one, out in zip(slices, left_out, strict=True))
    )


def beside(before: Known, now: Known) -> tuple[Keys, ...]:
    """The keys of the entries that were left out."""
    known = set(before.slices)
    return tuple(keys for one, keys in zip(now.slices, now.keys, strict=True) if one in known)


def _key(raw: bytes) -> bytes | None:
    return raw if any(raw) else None
