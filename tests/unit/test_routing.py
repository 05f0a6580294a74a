"""Which channels an alert goes to."""

from datetime import UTC, datetime

import pytest

from siegewatch.domain.alert import Route
from siegewatch.domain.event import Event, Place
from siegewatch.domain.item import Item
from siegewatch.domain.ops import Subject, Trouble
from siegewatch.domain.taxonomy import Change, Kind, Phase, Severity, Status
from siegewatch.notify.routing import Routed, route, route_ops

NOW = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
ITEM = Item("i1", "t", "", NOW, NOW, outlet="Example Times", feed="Example World", tags=("world", "Syria"))
ADVANCE = Event(
    Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, attacker="Northern army", attacker_id="no-army", country="SY",
    place=Place("Exampleton", geonames_id=42),
)  # fmt: skip
RELIEF = Event(Kind.SIEGE, Phase.BROKEN, Status.THREATENED, attacker="Southern league", country="IQ")


def routed(*routes: Route, change: Change = Change.OPENED) -> Routed:
    return route((ADVANCE, RELIEF), Severity.UPDATE, change, ITEM, routes)


def test_route_without_matchers_takes_everything() -> None:
    assert routed(Route({}, ("console",))).channels == ("console",)


def test_route_matches_if_one_event_satisfies_all_event_matchers() -> None:
    assert routed(Route({"kind": ("siege",), "status": ("threatened",)}, ("desk",))).channels == ("desk",)


def test_route_does_not_mix_the_matchers_of_two_events() -> None:
    assert routed(Route({"kind": ("siege",), "country": ("SY",)}, ("desk",))).channels == ()


@pytest.mark.parametrize(
    "match",
    [
        {"severity": ("flash", "update")},
        {"change": ("opened",)},
        {"tag": ("syria",)},
        {"outlet": ("EXAMPLE TIMES",)},
        {"feed": ("example world",)},
        {"country": ("sy",)},
        {"place": ("EXAMPLETON",)},
        {"place": ("42",)},
        {"actor": ("no-army",)},
        {"actor": ("southern league",)},
        {"phase": ("broken",), "tag": ("world",)},
    ],
)
def test_route_matches_in_any_case(match: dict[str, tuple[str, ...]]) -> None:
    assert routed(Route(match, ("desk",))).channels == ("desk",)


@pytest.mark.parametrize("match", [{"severity": ("flash",)}, {"tag": ("sport",)}, {"place": ("Elsewhere",)}])
def test_route_that_does_not_match_is_passed_by(match: dict[str, tuple[str, ...]]) -> None:
    assert routed(Route(match, ("desk",)), Route({}, ("console",))).channels == ("console",)


def test_first_match_without_continue_ends_the_walk() -> None:
    found = routed(Route({}, ("desk",)), Route({}, ("console",)))
    assert found.channels == ("desk",)
    assert len(found.path) == 1


def test_match_with_continue_goes_on_and_each_channel_is_told_once() -> None:
    found = routed(Route({}, ("desk", "log"), continues=True), Route({}, ("log", "console")))
    assert found.channels == ("desk", "log", "console")


@pytest.mark.parametrize("change", [Change.SIDES, Change.TOLL])
def test_sides_and_toll_ring_only_where_asked_for(change: Change) -> None:
    assert routed(Route({}, ("desk",)), change=change).channels == ()
    asked = Route({"change": (change.value,)}, ("desk",))
    assert routed(Route({}, ("console",)), asked, change=change).channels == ("desk",)


def test_path_tells_what_each_route_did() -> None:
    found = routed(Route({"severity": ("flash",)}, ("desk",)), Route({"kind": ("siege",)}, ("desk",), continues=True))
    assert found.path == (
        "route 1 (severity: flash): passed by, as severity is update",
        "route 2 (kind: siege): matched, tells desk and goes on",
    )


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        ({"near": ("33.0 36.0 60km",)}, True),
        ({"near": ("33.0 36.0 50km",)}, False),
        ({"near": ("0 0 5km", "33.5 36 1km")}, True),
        ({"box": ("32 35 34 37",)}, True),
        ({"box": ("32 170 34 -170",)}, False),
        ({"box": ("33.6 35 34 37",)}, False),
        ({"confidence": ("0.8",)}, True),
        ({"confidence": ("0.9",)}, False),
        ({"near": ("33.5 36 9km",), "confidence": ("0.8",), "kind": ("siege",)}, True),
        ({"near": ("33.5 36 9km",), "kind": ("offensive",)}, False),
    ],
)
def test_route_asks_where_and_how_sure(match: dict[str, tuple[str, ...]], taken: bool) -> None:
    there = Event(Kind.SIEGE, Phase.IMPOSED, Status.ACTUAL, place=Place("Exampleton", 33.5, 36.0), confidence=0.8)
    elsewhere = Event(Kind.OFFENSIVE, Phase.ADVANCE, Status.ACTUAL, place=Place("Nowhere"), confidence=0.7)
    found = route((elsewhere, there), Severity.FLASH, Change.OPENED, ITEM, (Route(match, ("desk",)),))
    assert bool(found.channels) is taken


@pytest.mark.parametrize(
    ("match", "zone", "taken"),
    [
        ({"hours": ("05:00-06:00",)}, "UTC", True),
        ({"hours": ("06:00-05:00",)}, "UTC", False),
        ({"hours": ("22:00-05:01",)}, "UTC", True),
        ({"hours": ("08:00-18:00",)}, "Asia/Damascus", True),
        ({"days": ("sun",)}, "UTC", True),
        ({"days": ("sun",)}, "America/Los_Angeles", False),
        ({"days": ("sat", "sun"), "hours": ("09:00-17:00",)}, "UTC", False),
    ],
)
def test_route_asks_for_hours_and_days_where_the_desk_is(
    match: dict[str, tuple[str, ...]], zone: str, taken: bool
) -> None:
    assert bool(routed(Route(match, ("desk",), zone=zone)).channels) is taken


def test_route_with_a_digest_says_when_and_at_once_goes_before_it() -> None:
    hourly = Route({}, ("desk", "log"), continues=True, digest="hourly")
    found = routed(hourly, Route({}, ("log",)))
    assert found.channels == ("desk", "log")
    assert found.digests == {"desk": "hourly"}
    assert found.path[0] == "route 1 (everything): matched, tells desk, log in a digest (hourly) and goes on"


def test_no_routes_say_so() -> None:
    assert routed() == Routed((), ("there are no routes",))


def routed_ops(*routes: Route, subject: Subject = Subject.FEED, name: str = "Courier") -> Routed:
    return route_ops(Trouble(subject, name, "Silent.", NOW), routes)


def test_trouble_goes_only_where_its_subject_is_asked_for() -> None:
    routes = (
        Route({}, ("desk",)),
        Route({"subject": ("network",)}, ("pager",)),
        Route({"subject": ("FEED",)}, ("ops",)),
    )
    found = routed_ops(*routes)
    assert found.channels == ("ops",)
    assert found.path == (
        "route 1 (everything): passed by, as it does not ask for a subject",
        "route 2 (subject: network): passed by, as subject is feed",
        "route 3 (subject: FEED): matched, tells ops",
    )


def test_news_passes_by_routes_for_troubles() -> None:
    found = routed(Route({"subject": tuple(Subject)}, ("ops",)), Route({}, ("desk",)))
    assert found.channels == ("desk",)
    assert "asks for ops alerts" in found.path[0]


def test_trouble_of_a_channel_is_not_told_to_itself() -> None:
    asked = Route({"subject": ("channel", "feed")}, ("desk", "archive"))
    assert routed_ops(asked, subject=Subject.CHANNEL, name="desk").channels == ("archive",)
    assert routed_ops(asked, name="desk").channels == ("desk", "archive"), "a feed may be named like a channel"


SIEGES = Route({"kind": ("siege",)}, ("sieges",))
SYRIA = Route({"country": ("SY",)}, ("syria",), routes=(Route({"kind": ("offensive",)}, ("front",)),))


def test_route_inside_tells_in_place_of_the_one_around_it() -> None:
    assert routed(SYRIA).channels == ("front",)
    assert routed(SYRIA).path == (
        "route 1 (country: SY): matched, leaves it to those inside",
        "route 1.1 (kind: offensive): matched, tells front",
    )


def test_route_tells_itself_what_none_inside_takes() -> None:
    none = Route({"country": ("SY",)}, ("syria",), routes=(Route({"status": ("threatened",)}, ("front",)),))
    found = routed(none)
    assert found.channels == ("syria",), "one event must satisfy the matchers of both: the threat is elsewhere"
    assert found.path[1] == "route 1.1 (status: threatened): passed by, as status is actual"


def test_routes_inside_one_that_is_passed_by_are_not_looked_at() -> None:
    found = routed(Route({"country": ("UA",)}, ("kyiv",), routes=(Route({}, ("desk",)),)), SIEGES)
    assert found.channels == ("sieges",)
    assert [step.number for step in found.steps] == ["1", "2"]


def test_continue_counts_among_the_routes_of_one_list() -> None:
    inside = (Route({"kind": ("siege",)}, ("a",), continues=True), Route({}, ("b",)), Route({}, ("c",)))
    assert routed(Route({}, ("x",), routes=inside), Route({}, ("d",))).channels == ("a", "b")
    assert routed(Route({}, ("x",), continues=True, routes=inside), Route({}, ("d",))).channels == ("a", "b", "d")


def test_toll_rings_inside_where_any_route_on_the_way_asks_for_it() -> None:
    plain = Route({}, ("desk",), routes=(Route({"kind": ("siege",)}, ("sieges",)),))
    assert routed(plain, change=Change.TOLL).channels == ()
    within = Route({}, ("desk",), routes=(Route({"change": ("toll",)}, ("counts",)),))
    assert routed(within, change=Change.TOLL).channels == ("counts",)
    around = Route({"change": ("toll",)}, ("desk",), routes=(Route({"kind": ("siege",)}, ("sieges",)),))
    assert routed(around, change=Change.TOLL).channels == ("sieges",)


def test_trouble_goes_down_the_tree_of_a_route_that_asks_for_troubles() -> None:
    tree = Route({"subject": ("feed", "channel")}, ("ops",), routes=(Route({"subject": ("feed",)}, ("feeds",)),))
    assert routed_ops(tree).channels == ("feeds",)
    assert routed_ops(tree, subject=Subject.CHANNEL).channels == ("ops",)


def test_route_asks_for_a_region() -> None:
    assert routed(Route({"region": ("sahel",)}, ("a",)), Route({"region": ("middle-east",)}, ("b",))).channels == ("b",)


def test_every_matcher_of_a_route_is_weighed() -> None:
    [step] = routed(Route({"kind": ("siege",), "country": ("UA",), "severity": ("flash", "update")}, ("a",))).steps
    assert [(one.name, one.found, one.holds) for one in step.matchers] == [
        ("severity", ("update",), True),
        ("country", ("SY", "IQ"), False),
        ("kind", ("offensive", "siege"), True),
    ]
