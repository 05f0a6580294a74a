"""Which place of a name is meant: by what the text says of it, by its other places, by size, or none at all."""

import pytest

from siegewatch.detect.drafts import Draft
from siegewatch.detect.place_drafts import leave_to_country, with_overlay
from siegewatch.detect.place_regions import regions
from siegewatch.detect.places import Context, Gazetteer, Located
from siegewatch.domain.taxonomy import Precision


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


def meant(gazetteer: Gazetteer, name: str, text: str) -> Located:
    located = gazetteer.resolve(name, gazetteer.context(text))
    assert located is not None
    return located


def near(located: Located, lat: float, lon: float) -> bool:
    return abs((located.place.lat or 0) - lat) < 1 and abs((located.place.lon or 0) - lon) < 1


@pytest.mark.parametrize(
    "text",
    [
        "A flood cut off Paris, Texas, on Monday",
        "A flood cut off Paris, Tex., on Monday",
        "A flood cut off Paris, TX, on Monday",
        "A flood cut off Paris (Texas) on Monday",
        "A flood cut off Paris in northern Texas on Monday",
        "A flood cut off Texas's Paris on Monday",
    ],
)
def test_place_lies_where_the_text_says(gazetteer: Gazetteer, text: str) -> None:
    assert near(meant(gazetteer, "Paris", text), 33.66, -95.56)


def test_place_lies_where_the_text_says_wherever_it_is_named_again(gazetteer: Gazetteer) -> None:
    text = "Shelling near Tripoli, Lebanon. Families left Tripoli as Libya and Egypt called for calm."
    assert meant(gazetteer, "Tripoli", text).country == "LB"


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Gunmen took the Lebanese city of Tripoli while Libya watched", "LB"),
        ("Gunmen took the besieged Libyan city of Tripoli while Lebanon watched", "LY"),
    ],
)
def test_adjective_of_a_country_tells_where_a_city_lies(gazetteer: Gazetteer, text: str, country: str) -> None:
    assert meant(gazetteer, "Tripoli", text).country == country


def test_actor_beside_a_city_tells_nothing_of_where_it_lies(gazetteer: Gazetteer) -> None:
    around = gazetteer.context("Lebanese forces near Tripoli").around
    assert not around.inside.get("tripoli")


@pytest.mark.parametrize("name", ["Jordan", "Lebanon", "Syria"])
def test_countries_in_a_list_lie_in_none_of_each_other(gazetteer: Gazetteer, name: str) -> None:
    text = "Envoys of Jordan, Lebanon, Syria meet"
    assert meant(gazetteer, name, text).place.precision is Precision.COUNTRY


@pytest.mark.parametrize(
    ("name", "text", "lat", "lon"),
    [
        (
            "Athens",
            "The storms that began before dawn also hit Tyler, Longview, Jacksonville, Crockett, Athens and Palestine",
            32.2,
            -95.86,
        ),
        (
            "Palestine",
            "The storms that began before dawn also hit Tyler, Longview, Jacksonville, Crockett, Athens and Palestine",
            31.76,
            -95.63,
        ),
        ("London", "Trucks wait between Sarnia, Kitchener, Woodstock and London", 42.98, -81.23),
        ("Tripoli", "Troops moved on Tripoli from Zgharta, Batroun and Halba", 34.43, 35.84),
        ("Alexandria", "The water has since then reached Alexandria, Opelousas and Bunkie", 31.31, -92.45),
    ],
)
def test_names_that_are_ambiguous_each_agree_on_a_neighbourhood(
    gazetteer: Gazetteer, name: str, text: str, lat: float, lon: float
) -> None:
    assert near(meant(gazetteer, name, text), lat, lon)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Georgia sends troops to the border", "GE"),
        ("Georgia shut schools in Atlanta, Savannah, Macon and Valdosta", "US"),
        ("Georgia shut schools in Tbilisi, Batumi and Gori", "GE"),
    ],
)
def test_state_and_country_of_one_name_are_told_apart(gazetteer: Gazetteer, text: str, country: str) -> None:
    assert meant(gazetteer, "Georgia", text).country == country


def test_county_tells_the_state_of_the_towns_beside_it(gazetteer: Gazetteer) -> None:
    assert near(
        meant(gazetteer, "Alexandria", "The water has since then reached Alexandria and the rest of Rapides Parish"),
        31.31,
        -92.45,
    )


def test_country_is_not_its_capital_however_many_of_its_towns_are_named(gazetteer: Gazetteer) -> None:
    text = "Mexico counts the dead in Toluca, Puebla, Cuernavaca and Pachuca"
    assert meant(gazetteer, "Mexico", text).place.precision is Precision.COUNTRY


def test_country_that_only_acts_does_not_draw_a_city_to_it(gazetteer: Gazetteer) -> None:
    text = "Russia says it shelled Pokrovsk as Ukrainian troops held on"
    located = gazetteer.resolve("Pokrovsk", gazetteer.context(text, ("RU", "UA")))
    assert located is not None
    assert located.country == "UA"


@pytest.mark.parametrize(
    ("name", "country", "lat", "lon"),
    [
        ("Bavaria", "DE", 49.0, 11.5),
        ("Anbar", "IQ", 33.4, 42.0),
        ("Kerala", "IN", 10.5, 76.5),
        ("Texas", "US", 31.5, -99.5),
        ("Wash.", "US", 47.5, -120.5),
        ("Ont.", "CA", 50.0, -86.0),
    ],
)
def test_region_stands_in_its_middle(gazetteer: Gazetteer, name: str, country: str, lat: float, lon: float) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert (located.country, located.place.precision) == (country, Precision.REGION)
    assert abs((located.place.lat or 0) - lat) < 2.5
    assert abs((located.place.lon or 0) - lon) < 2.5


@pytest.mark.parametrize(
    ("name", "lat", "lon"),
    [
        ("Lebanon, Pa.", 40.3, -76.4),
        ("London, Ontario", 42.98, -81.23),
        ("London, Ont.", 42.98, -81.23),
        ("Sandwich, Kent", 51.27, 1.34),
        ("Hyderabad, Sindh", 25.4, 68.37),
        ("Paris, Xyzzyland", 48.85, 2.35),
    ],
)
def test_second_name_tells_where_the_first_lies_if_it_does(
    gazetteer: Gazetteer, name: str, lat: float, lon: float
) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert near(located, lat, lon)


def test_place_and_province_are_found_as_one_name_where_another_would_come_to_mind(gazetteer: Gazetteer) -> None:
    assert [name.text for name in gazetteer.find("A fire broke out in London, Ontario")] == ["London, Ontario"]


@pytest.mark.parametrize("name", ["Wash", "Tex", "Al"])
def test_word_without_a_full_stop_is_no_abbreviation(gazetteer: Gazetteer, name: str) -> None:
    located = gazetteer.resolve(name)
    assert located is None or located.place.precision is not Precision.REGION


def test_people_are_known_but_found_as_no_place(gazetteer: Gazetteer) -> None:
    located = gazetteer.resolve("Syrians")
    assert located is not None
    assert located.country == "SY"
    assert gazetteer.find("Syrians and Britons march") == []


@pytest.mark.parametrize(("outlet", "country"), [("Amarillo Globe-News of Texas", "US"), ("The Irish Examiner", "IE")])
def test_country_of_the_outlet_decides_between_equals(gazetteer: Gazetteer, outlet: str, country: str) -> None:
    assert gazetteer.context("Fire in a barn", outlet=outlet).home == country


def test_country_of_the_outlet_is_weighed_with_the_rest(gazetteer: Gazetteer) -> None:
    context = gazetteer.context("Fire in a barn", outlet="The Irish Examiner")
    best = gazetteer.weighed("Dublin", context)[0]
    assert "in the country of the outlet" in [reason.what for reason in best.reasons]


def test_weighed_tells_the_best_first_and_why(gazetteer: Gazetteer) -> None:
    text = "Troops moved on Tripoli, Lebanon, from Zgharta"
    context = gazetteer.context(text, ("LB",))
    first, *others = gazetteer.weighed("Tripoli", context)
    assert first.row is not None
    assert first.row.country == "LB"
    assert first.score == pytest.approx(sum(reason.points for reason in first.reasons))
    assert all(first.score >= other.score for other in others)
    reasons = [reason.what for reason in first.reasons]
    assert reasons[0].endswith(" inhabitants")
    assert {"in a country that the item names", "the text says that it lies there"} < set(reasons)


def test_weighed_puts_no_place_at_all_before_what_is_not_believed(gazetteer: Gazetteer) -> None:
    best, *rest = gazetteer.weighed("Battle", Context(("SY",)))
    assert best.row is None
    assert [reason.what for reason in best.reasons] == ["the item points to other countries"]
    assert rest
    assert gazetteer.resolve("Battle", Context(("SY",))) is None


def test_weighed_knows_nothing_but_no_place_of_an_unknown_name(gazetteer: Gazetteer) -> None:
    assert [weighed.row for weighed in gazetteer.weighed("Xyzzyville")] == [None]


def test_regions_need_a_town_that_the_list_has() -> None:
    with pytest.raises(ValueError, match=r"regions.yaml: AF has no town Lashkar Gah"):
        list(regions([]))


def test_region_of_the_overlay_keeps_its_coordinates_and_gains_its_borders() -> None:
    mine = Draft(["Xyzzia"], 1.0, 2.0, "XX", Precision.REGION, curated=True)
    mine.fill_keys()
    found = Draft(["Xyzzia", "Xyz"], 5.0, 6.0, "XX", Precision.REGION, curated=True, admin1="07", whole=True)
    assert list(with_overlay([found], [mine])) == []
    assert (mine.lat, mine.admin1, mine.whole) == (1.0, "07", True)
    assert "Xyz" in mine.names


def test_town_is_not_usually_called_by_its_countrys_name() -> None:
    town = Draft(["Xyzzia City", "Xyzzia"], 1.0, 2.0, "XX")
    town.fill_keys()
    assert town.keys == {"xyzzia city": True, "xyzzia": True}
    leave_to_country([town], ["Xyzzia"])
    assert town.keys == {"xyzzia city": True, "xyzzia": False}
