"""Items are cleaned before they are read, and every character knows where it stood."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.cleaning import TITLE_CHARS, clean, clean_item
from siegewatch.detect.gate import HEAD_CHARS
from siegewatch.domain.event import Event, Evidence, Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import Kind, Phase, Status

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Army retakes Tal Rumman", "Army retakes Tal Rumman"),
        ("  Army \t retakes\r\nTal\xa0Rumman ", "Army retakes Tal Rumman"),
        ("<b>Army</b> re<i>takes</i><br/>Tal Rumman", "Army retakes Tal Rumman"),
        ('<p class="lead">Army retakes</p><p>Tal Rumman</p>', "Army retakes Tal Rumman"),
        ("&lt;b&gt;Army&lt;/b&gt; retakes Tal Rumman", "Army retakes Tal Rumman"),
        ('Army retakes Tal Rumman <a href="https://news.exam', "Army retakes Tal Rumman"),
        ("Army&#8217;s men retake &quot;Tal&nbsp;Rumman&quot;", 'Army’s men retake "Tal Rumman"'),
        ("Army &amp;amp; rebels, AT&T; and R&D", "Army & rebels, AT&T; and R&D"),
        ("Army re\xadtakes Tal\u200b Rum\u2060man\ufeff", "Army retakes Tal Rumman"),
        ("\u202eArmy\u202c \0retakes\x07 Tal \ud800Rumman", "Army retakes Tal Rumman"),
        ("Army retakes T\u0430l Rumm\u0430n", "Army retakes Tal Rumman"),
        ("Армия retakes Tal Rumman", "Армия retakes Tal Rumman"),
        ("\uff21\uff52\uff4d\uff59 retakes 𝗧𝗮𝗹 o\ufb03ce", "Army retakes Tal office"),
        ("Army retakes Tal Rumma\u0308n", "Army retakes Tal Rummän"),
        ("Losses < 100, gains > 5 km", "Losses < 100, gains > 5 km"),
        ("", ""),
        ("\u200b \0", ""),
    ],
)
def test_text_is_cleaned_and_the_way_back_is_known(text: str, kept: str) -> None:
    cleaned = clean(text, 1_000)
    assert cleaned.text == kept
    assert len(cleaned.starts) == len(cleaned.ends) == len(kept)
    places = [place for bounds in zip(cleaned.starts, cleaned.ends, strict=True) for place in bounds]
    assert all(0 <= place <= len(text) for place in places)
    assert list(cleaned.starts) == sorted(cleaned.starts)
    untouched = [(c, text[s]) for c, s, e in zip(kept, cleaned.starts, cleaned.ends, strict=True) if e - s == 1]
    assert all(was == is_now for is_now, was in untouched if was.isascii() and not was.isspace())


def test_no_more_is_read_than_the_limits() -> None:
    item = Item("i", "siege " * 200_000, "<p>siege</p> " * 200_000, AT, AT)
    read = clean_item(item).item
    assert len(read.title) <= TITLE_CHARS
    assert len(read.summary) <= HEAD_CHARS
    assert read.summary.startswith("siege siege")


def test_a_clean_item_is_read_as_it_is() -> None:
    item = Item("i", "Army retakes Tal Rumman", "It fell on Monday.", AT, AT)
    assert clean_item(item).item is item


def test_evidence_is_led_back_to_the_item_as_it_came() -> None:
    item = Item("i", "<b>Army</b> re\xadtakes T\u0430l &amp; Rumman", "", AT, AT)
    read = clean_item(item)
    start = read.title.text.index("retakes")
    said = Evidence("title", start, start + len("retakes Tal & Rumman"), "retakes Tal & Rumman")
    event = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, evidence=(said,))
    (restored,) = read.restored(Judgement("en", (event,))).events
    (words,) = restored.evidence
    assert words.text == item.title[words.start : words.end] == "re\xadtakes T\u0430l &amp; Rumman"
