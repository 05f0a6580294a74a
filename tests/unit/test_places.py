"""Places: found in text, resolved to the right one, from an index that is built safely."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from siegewatch.detect.compile_places import compile_index, open_index
from siegewatch.detect.containment import can_hold, owner_named
from siegewatch.detect.gazetteer import PlaceIndex
from siegewatch.detect.names import name_key
from siegewatch.detect.place_drafts import Draft
from siegewatch.detect.places import Context, Gazetteer
from siegewatch.domain.taxonomy import Precision


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


def found(gazetteer: Gazetteer, text: str) -> list[str]:
    return [toponym.text for toponym in gazetteer.find(text)]


@pytest.mark.parametrize("name", ["Deir al-Zor", "Deir ez-Zor", "Dayr az-Zawr", "Deir Ezzor", "DEIR EL-ZOUR"])
def test_resolve_takes_every_spelling_of_a_town(gazetteer: Gazetteer, name: str) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert located.place.geonames_id == 170794
    assert located.country == "SY"
    assert located.place.name == name


@pytest.mark.parametrize("name", ["el-Fasher", "El Fasher", "al-Fashir"])
def test_resolve_minds_no_article(gazetteer: Gazetteer, name: str) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert located.place.geonames_id == 379555


@pytest.mark.parametrize(
    ("name", "country", "precision"),
    [
        ("Pokrovsk", "UA", Precision.CITY),
        ("Palmyra", "SY", Precision.CITY),
        ("Hodeidah", "YE", Precision.CITY),
        ("Strait of Hormuz", None, Precision.REGION),
        ("eastern Ghouta", "SY", Precision.REGION),
        ("Georgia", "GE", Precision.COUNTRY),
        ("eastern Ukraine", "UA", Precision.REGION),
        ("Azovstal steelworks", "UA", Precision.SITE),
        ("Aleppo International Airport", "SY", Precision.SITE),
        ("Donetsk region", "UA", Precision.REGION),
        ("northern Hama countryside", "SY", Precision.REGION),
        ("Iranian ports", "IR", Precision.SITE),
        ("Afghan capital", "AF", Precision.CITY),
        ("Lebanon, Pennsylvania", "US", Precision.CITY),
        ("Lebanon", "LB", Precision.COUNTRY),
    ],
)
def test_resolve_means_what_the_news_means(
    gazetteer: Gazetteer, name: str, country: str | None, precision: Precision
) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert (located.country, located.place.precision) == (country, precision)


@pytest.mark.parametrize(("countries", "expected"), [(("LY",), "LY"), (("LB", "SY"), "LB")])
def test_resolve_prefers_the_countries_of_the_context(
    gazetteer: Gazetteer, countries: tuple[str, ...], expected: str
) -> None:
    located = gazetteer.resolve("Tripoli", Context(countries))
    assert located is not None
    assert located.country == expected


def test_resolve_says_nothing_of_a_name_it_does_not_know(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Xyzzyville") is None


def test_resolve_does_not_guess_a_hamlet_of_another_country(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Battle", Context(("SY",))) is None


def test_resolve_gives_a_part_of_a_place_no_identity(gazetteer: Gazetteer) -> None:
    located = gazetteer.resolve("Aleppo airport")
    assert located is not None
    assert located.place.geonames_id is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Army pushes east to break the siege of Deir al-Zor city", ["Deir al-Zor"]),
        ("Rebels seize Aleppo International Airport", ["Aleppo International Airport"]),
        ("Fighting rages in the northern Gaza Strip", ["northern Gaza Strip"]),
        ("ARMY RETAKES QARYATAYN", ["QARYATAYN"]),
        ("Troops Push Into Besieged Quarter Of Mosul", ["Mosul"]),
        ("Tanks mass near Ukraine's east", ["Ukraine's east"]),
        ("They entered the village of Xyzzyville", ["Xyzzyville"]),
        ("Troops hold the Xyzzy District", ["Xyzzy District"]),
        ("Gunmen storm a store in Lebanon, Pennsylvania", ["Lebanon, Pennsylvania"]),
        ("Shelling near Gori, Georgia", ["Gori", "Georgia"]),
        ("Iran closes the Strait of Hormuz", ["Iran", "Strait of Hormuz"]),
        ("He moved to the town of Battle", ["Battle"]),
    ],
)
def test_find_copies_what_a_person_would(gazetteer: Gazetteer, text: str, expected: list[str]) -> None:
    assert found(gazetteer, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Most of the battle is over",
        "BATTLE OF THE BOOKS",
        "Boris Johnson will resign in March",
        "The army is ready",
        "Damascus-backed militias advance",
        "Kyiv Independent wins a prize",
        "",
    ],
)
def test_find_takes_no_ordinary_words_for_places(gazetteer: Gazetteer, text: str) -> None:
    assert found(gazetteer, text) == []


def test_find_gives_spans_of_the_text(gazetteer: Gazetteer) -> None:
    text = "«Ségou» and N'Djamena’s airport, then Maʼrib"
    assert [text[t.start : t.end] for t in gazetteer.find(text)] == [t.text for t in gazetteer.find(text)]
    assert "Ségou" in found(gazetteer, text)


def test_gazetteer_is_read_by_many_threads(gazetteer: Gazetteer) -> None:
    with ThreadPoolExecutor(4) as pool:
        located = list(pool.map(gazetteer.resolve, ["Mosul", "Goma", "Kunduz", "Bakhmut"] * 50))
    assert {place.country for place in located if place} == {"IQ", "CD", "AF", "UA"}


def drafts() -> list[Draft]:
    place = Draft(["Dūmā", "Douma"], 33.57, 36.4, "SY", people=110_000, geonames_id=170592)
    place.fill_keys()
    return [place]


def test_index_is_built_where_it_is_missing_and_used_again(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "places.idx"
    assert len(open_index([path], drafts)) == 1
    assert len(open_index([path], lambda: pytest.fail("built again"))) == 1


def test_index_out_of_date_or_broken_is_built_anew(tmp_path: Path) -> None:
    path = tmp_path / "places.idx"
    path.write_bytes(b"no index at all")
    assert open_index([path], drafts).rows(name_key("Douma"))[0].country == "SY"


def test_index_goes_where_it_can_be_written(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    path = compile_index([occupied / "places.idx", tmp_path / "places.idx"], drafts())
    assert path == tmp_path / "places.idx"
    assert PlaceIndex(path).rows("douma")[0].geonames_id == 170592


def test_index_that_can_be_written_nowhere_is_an_error(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a folder")
    with pytest.raises(OSError, match="file"):
        compile_index([occupied / "places.idx"], drafts())


def test_index_builders_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "places.idx"
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda _: len(open_index([path], drafts)), range(8)))
    assert built == [1] * 8
    assert [file.name for file in tmp_path.iterdir()] == ["places.idx"]


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("eastern Aleppo", 170_063),
        ("Hanano", 170_063),
        ("Zeitoun", 281_133),
        ("Azovstal steel plant", 701_822),
        ("Yarmouk camp", 170_654),
        ("Aleppo airport", 170_063),
        ("Donetsk region", None),
        ("Aleppo province", None),
        ("Helmand province", None),
        ("eastern Ghouta", None),
        ("Bakhmut", None),
        ("Jabalia refugee camp", None),
        ("eastern Ukraine", None),
    ],
)
def test_part_of_a_city_knows_its_city_and_a_region_or_a_town_has_none(gazetteer, name, city) -> None:
    located = gazetteer.resolve(name)
    assert located is not None
    assert located.place.within == city


@pytest.mark.parametrize(
    ("text", "place", "owner"),
    [
        ("Rebels storm Aleppo's Salaheddin district", "Salaheddin district", "Aleppo"),
        ("Troops retake Mosul's al-Zuhur district", "Zuhur district", "Mosul"),
        ("Tanks push into Gaza City’s Zeitoun neighbourhood", "Zeitoun", "Gaza City"),
        ("Army enters the Salaheddin district of Aleppo", "Salaheddin district", "Aleppo"),
        ("Army enters Idlib's Saraqib", "Saraqib", None),
        ("Army enters Saraqib in Idlib", "Saraqib", None),
        ("Aleppo's defenders lose Saraqib, a district away", "Saraqib", None),
    ],
)
def test_text_says_which_city_a_district_is_of(text: str, place: str, owner: str | None) -> None:
    start = text.index(place)
    assert owner_named(text, start, start + len(place)) == owner


def test_district_that_lies_far_from_the_city_named_is_none_of_its_own(gazetteer: Gazetteer) -> None:
    kharkiv, kupiansk = (gazetteer.resolve(name) for name in ("Kharkiv", "Kupiansk"))
    assert kharkiv is not None
    assert kupiansk is not None
    assert not can_hold(kharkiv.place, kupiansk.place)
