"""Reading anything at all: the seeds that fuzzing left are replayed, and fixtures are damaged at random."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties import PROPERTIES

FIXTURES = Path(__file__).parents[1] / "fixtures"
SEEDS = sorted(path for path in (FIXTURES / "fuzz_seeds").glob("*/*") if path.is_file())
FEEDS = [path.read_bytes() for path in sorted((FIXTURES / "feeds").iterdir()) if "expected" not in path.name]
TOKENS = (
    b"<item>", b"</item>", b"<entry>", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&#", b"&x;", b"<!ENTITY x 'y'>",
    b"\xff\xfe", b"\x00", b"\xed\xa0\x80", b'"', b"/>", b"<guid>", b"<link>http://[", b"{", b'"items":[', b"<script>",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_seed_breaks_nothing(seed: Path) -> None:
    PROPERTIES[seed.parent.name](seed.read_bytes())


def test_every_property_has_seeds_and_every_seed_a_property() -> None:
    assert {seed.parent.name for seed in SEEDS} == set(PROPERTIES)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A feed with some parts lost, and tokens or noise put in."""
    body = draw(st.sampled_from(FEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at, gone = draw(st.integers(0, len(body))), draw(st.sampled_from((0, 1, 20, 300)))
        put = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=5), st.just(body[at : at + 200] * 2)))
        body = body[:at] + put + body[at + gone :]
    return body


@settings(max_examples=40, deadline=None)
@given(damaged())
def test_damaged_feed_keeps_every_promise(body: bytes) -> None:
    PROPERTIES["document"](body)
    PROPERTIES["slices"](body)


@pytest.mark.parametrize("name", sorted(set(PROPERTIES) - {"document", "slices"}))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_noise_keeps_every_promise(name: str, data: st.DataObject) -> None:
    starts = [seed.read_bytes() for seed in SEEDS if seed.parent.name == name] or [b""]
    start = data.draw(st.sampled_from(starts))
    at = data.draw(st.integers(0, len(start)))
    noise = data.draw(
        st.one_of(st.binary(max_size=40), st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
    )
    PROPERTIES[name](start[:at] + noise + start[at:])
