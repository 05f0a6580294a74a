"""Which routes no alert reaches, as far as that is certain."""

from pathlib import Path

import pytest

from siegewatch.domain.alert import Route
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.regions import REGIONS, regions_of
from siegewatch.settings import Settings, load
from siegewatch.settings.countries import COUNTRIES


def written(folder: Path, *routes: str, channels: str = "{name: c, type: console}") -> Settings:
    (folder / "feeds.yaml").write_text("feeds: []\n")
    lines = "".join(f"  - {{{route}}}\n" for route in routes)
    (folder / "alerts.yaml").write_text(f"channels:\n  - {channels}\nroutes:\n{lines}")
    return load(folder, {})


def faults(folder: Path, *routes: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        written(folder, *routes)
    return [f"{fault.line}: {fault.what}" for fault in raised.value.faults]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("kind: siege", "kind: siege"),
        ("kind: siege", "kind: siege, severity: flash"),
        ("severity: [flash, update]", "severity: flash"),
        ("severity: [flash, update, watch]", "kind: siege"),
        ("country: [SY, iq]", "country: IQ"),
        ("region: africa", "region: sahel"),
        ("region: africa", "country: [SD, ML]"),
        ("confidence: 0.5", "confidence: 0.8"),
        ("hours: 08:00-18:00", "hours: 09:00-12:00"),
        ("hours: 22:00-06:00", "hours: [22:00-23:00, 01:00-02:00]"),
        ("days: [mon, tue, wed, thu, fri, sat, sun]", "status: actual"),
        ("tag: [a, b]", "tag: B"),
        ("change: [toll, opened]", "change: toll"),
        ("subject: [feed, network]", "subject: feed"),
    ],
)
def test_route_below_one_that_takes_all_of_it_is_a_fault(tmp_path: Path, earlier: str, later: str) -> None:
    routes = (f"match: {{{earlier}}}, channels: [c]", f"match: {{{later}}}, channels: [c]")
    assert faults(tmp_path, *routes) == ["5: no alert gets here: the route on line 4 takes all of that"]
    written(tmp_path, f"{routes[0]}, continue: true", routes[1])


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("kind: siege", "kind: offensive"),
        ("kind: siege, severity: flash", "kind: siege"),
        ("region: sahel", "region: africa"),
        ("country: SY", "place: Aleppo"),
        ("confidence: 0.8", "confidence: 0.5"),
        ("near: 33.5 36.3 50km", "near: 33.5 36.3 20km"),
        ("hours: 08:00-18:00", "hours: 17:00-19:00"),
        ("subject: feed", "kind: siege"),
    ],
)
def test_route_that_may_be_reached_is_none(tmp_path: Path, earlier: str, later: str) -> None:
    written(tmp_path, f"match: {{{earlier}}}, channels: [c]", f"match: {{{later}}}, channels: [c]")


def test_hours_of_two_zones_are_not_compared(tmp_path: Path) -> None:
    route = "match: {hours: 08:00-18:00}, channels: [c]"
    written(tmp_path, route, f"{route}, time_zone: Asia/Damascus")


def test_route_that_asks_for_tolls_is_reached_below_one_that_takes_all_else(tmp_path: Path) -> None:
    written(tmp_path, "channels: [c]", "match: {change: [toll, sides]}, channels: [c]")


@pytest.mark.parametrize(
    ("outer", "inner", "told"),
    [
        ("country: SY", "country: SD", "takes country SY alone"),
        ("region: sahel", "country: SY", "takes country sahel alone"),
        ("severity: flash", "severity: [watch]", "takes severity flash alone"),
        ("hours: 08:00-12:00", "hours: 13:00-14:00", "takes hours 08:00-12:00 alone"),
    ],
)
def test_route_inside_one_that_takes_nothing_of_it_is_a_fault(
    tmp_path: Path, outer: str, inner: str, told: str
) -> None:
    route = f"match: {{{outer}}}, channels: [c], routes: [{{match: {{{inner}}}}}]"
    assert faults(tmp_path, route) == [f"4: no alert gets here: the route around it, on line 4, {told}"]


def test_reach_is_asked_within_each_list(tmp_path: Path) -> None:
    inside = "routes: [{match: {kind: siege}}, {match: {kind: siege, status: actual}}]"
    assert len(faults(tmp_path, f"channels: [c], {inside}")) == 1
    written(tmp_path, "match: {kind: siege}, channels: [c], continue: true, routes: [{match: {status: actual}}]",
            "match: {kind: siege, status: actual}, channels: [c]")  # fmt: skip


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("routes: [{match: {kind: siege}}]", "channels is missing"),
        ("channels: [c], routes: [{channels: [d]}]", 'no channel is named "d"'),
        ("channels: [c], routes: [{match: {kind: sieg}}]", 'kind "sieg" is not known'),
        ("channels: [c], routes: [{mach: {kind: siege}}]", 'unknown key "mach"'),
        ("channels: [c], routes: [{match: {subject: feed}}]", "the route around it takes news"),
        ("channels: [c], match: {subject: feed}, routes: [{match: {kind: siege}}]", "ops alerts, which have no kind"),
        ("channels: [c], match: {country: SY, region: sahel}", "SY is not in sahel"),
        ("channels: [c], match: {region: levant}", 'region "levant" is not known'),
        ("channels: [c], match: {confidence: []}", "takes nothing"),
        ("channels: [c], match: {kind: offensive}, routes: [{match: {phase: imposed}}]", "is ever imposed"),
    ],
)
def test_faults_of_nested_routes_are_told(tmp_path: Path, route: str, told: str) -> None:
    assert any(told in fault for fault in faults(tmp_path, route))


def test_routes_inside_have_channels_zone_and_digest_of_the_route_around_them(tmp_path: Path) -> None:
    inside = "routes: [{match: {kind: siege}}, {match: {status: actual}, digest: none, time_zone: UTC, channels: [c]}]"
    around = "channels: [c], digest: hourly, match: {days: mon}, time_zone: Asia/Damascus"
    [route] = written(tmp_path, f"{around}, {inside}").routes
    assert route.routes == (
        Route({"kind": ("siege",)}, ("c",), digest="hourly", zone="Asia/Damascus"),
        Route({"status": ("actual",)}, ("c",), zone="UTC"),
    )


def test_channel_named_inside_is_used_and_a_zone_for_nothing_is_a_warning(tmp_path: Path) -> None:
    route = "channels: [c], time_zone: UTC, routes: [{match: {kind: siege}, channels: [d]}]"
    warnings = written(tmp_path, route, channels="{name: c, type: console}\n  - {name: d, type: console}").warnings
    assert [warning.what for warning in warnings[1:]] == [
        "time_zone has no effect: the route asks for no hours or days"
    ]


def test_continents_hold_every_country_once() -> None:
    held = [code for name in ("africa", "americas", "asia", "europe", "oceania") for code in REGIONS[name]]
    assert sorted([*held, "AQ"]) == sorted(COUNTRIES)
    assert regions_of("ML") == ("west-africa", "sahel", "africa")
    assert regions_of(None) == ()
