"""The page of mistakes: whole, harmless whatever an item says, and of one piece."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from siegewatch.apps.cli.assessment import Assessed, assessed
from siegewatch.apps.cli.items import ItemLine
from siegewatch.apps.cli.measures import measure
from siegewatch.apps.cli.report import page
from siegewatch.domain.event import Event, Evidence, Judgement
from siegewatch.domain.taxonomy import Kind, Phase, Status

HOSTILE = "</article><script>alert(1)</script><img src=x onerror=alert(1)> \"'& \u202eOver\x00"
SIEGE = {"kind": "siege", "phase": "imposed", "status": "actual", "place": HOSTILE, "attacker": HOSTILE}


def item(title: str, gold: list[dict[str, Any]], *events: Event, steps: tuple[str, ...] = ()) -> Assessed:
    keys = {"events": gold, "summary": HOSTILE, "source": HOSTILE, "outlet": HOSTILE, "published": HOSTILE}
    return assessed(ItemLine(1, "id", title, keys), Judgement("en", events, steps), events)


def shown(*items: Assessed) -> str:
    return page(measure(items), items, HOSTILE)


class Elements(HTMLParser):
    """Which elements and attributes a page holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


FOUND = Event(
    Kind.SIEGE,
    Phase.BROKEN,
    Status.ACTUAL,
    attacker=HOSTILE,
    evidence=(Evidence("title", 4, 9, "siege"),),
    confidence=0.9,
)
MISTAKE = item("The siege & co", [SIEGE], FOUND, steps=(f"gate: passed by {HOSTILE}",))


def test_report_of_hostile_items_holds_no_element_but_its_own() -> None:
    elements = Elements(shown(MISTAKE, item(HOSTILE, [SIEGE])))
    assert elements.names.count("script") == 1
    assert elements.names.count("article") == 2
    assert "img" not in elements.names
    assert not [name for name, _ in elements.attributes if name.startswith("on") or name == "style"]


def test_report_shows_no_marks_that_steer() -> None:
    text = shown(item(HOSTILE, [SIEGE]))
    assert "\u202e" not in text
    assert "\x00" not in text


def test_report_loads_nothing_from_elsewhere() -> None:
    elements = Elements(shown(MISTAKE))
    assert not {"link", "iframe", "base"} & set(elements.names)
    assert not [value for name, value in elements.attributes if name in ("src", "href")]
    assert not re.search(r"url\(|@import|fetch\(", shown(MISTAKE))


def test_report_allows_its_own_script_and_style_alone() -> None:
    text = shown(MISTAKE)
    policy = dict(re.findall(r"([a-z-]+) ('[^;\"]+')", re.search(r'Policy" content="([^"]+)"', text)[1]))
    for name in ("script", "style"):
        own = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)[1]
        assert policy[f"{name}-src"] == f"'sha256-{b64encode(sha256(own.encode()).digest()).decode()}'"
    assert policy["default-src"] == "'none'"


def test_report_marks_the_words_that_tell_of_the_event() -> None:
    assert "The <mark>siege</mark> &amp; co" in shown(MISTAKE)


def test_report_tells_labels_events_and_why() -> None:
    text = shown(MISTAKE)
    assert re.search(
        r'<tr class="wrong"><th scope="row">phase</th><td dir="auto">imposed</td><td dir="auto">broken<', text
    )
    assert "<dt>gate</dt><dd>passed by &lt;/article" in text


def test_report_filters_by_the_issues_of_each_item() -> None:
    text = shown(MISTAKE, item("Quiet", []), item("Missed", [SIEGE]))
    assert re.findall('data-issues="([^"]+)"', text) == ["siege/item missed;siege/missed", "siege/phase;siege/place"]
    assert "2 items with a mistake" in text


def test_report_without_mistakes_says_so() -> None:
    assert "0 items with a mistake" in shown(item("Quiet", []))
