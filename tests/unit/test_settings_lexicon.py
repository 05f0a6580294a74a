"""The operator's lexicon: what the three files say, and every mistake in them with its line."""

from pathlib import Path

import pytest

from siegewatch.domain.errors import SettingsError
from siegewatch.domain.lexicon import NOTHING_OWN, OwnActor, OwnFrame, OwnLexicon, OwnPlace
from siegewatch.domain.taxonomy import Kind, Phase, Precision
from siegewatch.settings import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").write_text("feeds: []\n")
    (tmp_path / "lexicon").mkdir()
    return tmp_path


def loaded(folder: Path, name: str, text: str) -> OwnLexicon:
    (folder / "lexicon" / name).write_text(f"# a comment\n{text}\n", encoding="utf-8")
    return load(folder, {}).lexicon


def faults(folder: Path, name: str, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, name, text)
    return [str(fault).replace(f"{folder}/lexicon/", "") for fault in caught.value.faults]


def test_without_the_files_nothing_is_added(folder: Path) -> None:
    assert load(folder, {}).lexicon == NOTHING_OWN
    assert not NOTHING_OWN


def test_words_for_a_known_frame_say_nothing_of_what_they_mean(folder: Path) -> None:
    (frame,) = loaded(folder, "triggers.yaml", "verbs:\n  - {frame: capture, verbs: [Nab, take ... by storm]}").frames
    assert frame == OwnFrame("capture", True, ("nab", "take ... by storm"), frame.at)
    assert frame.at.line == 3


def test_new_frame_says_kind_phase_and_roles(folder: Path) -> None:
    text = "nouns: [{frame: a, kind: siege, phase: imposed, words: ring-fence, not_before: [Law]}]\n"
    text += (
        "verbs: [{frame: b, kind: offensive, phase: advance, verbs: [smite], object: force, taken: true, weight: 0.8}]"
    )
    lexicon = loaded(folder, "triggers.yaml", f"{text}\nirregular: {{Smite: smote smitten}}\ndoubled: nab")
    verb, noun = lexicon.frames
    assert (lexicon.irregular, lexicon.doubled) == ({"smite": "smote smitten"}, ("nab",))
    assert (noun.verbs, noun.words, noun.kind, noun.phase) == (False, ("ring-fence",), Kind.SIEGE, Phase.IMPOSED)
    assert noun.not_before == ("law",)
    assert (verb.verbs, verb.object, verb.taken, verb.weight) == (True, "force", True, 0.8)


def test_actor_is_read_with_all_its_names(folder: Path) -> None:
    text = "hill-men: {name: Hill Men, also: [Hillers], unsure: [HM], not_if: [prison], of: ss, in: [SS, SD]}"
    (actor,) = loaded(folder, "actors.yaml", text).actors
    assert actor == OwnActor(
        "hill-men", ("Hill Men", "Hillers"), actor.at, ("HM",), ("prison",), country="SS", theatres=("SS", "SD")
    )


def test_places_are_read_with_country_point_or_id(folder: Path) -> None:
    text = "NO:\n  - {name: Hill 1, at: [59.5, -10], is: site}\nnone:\n  - {name: Long Strait, id: 7}\nSY:"
    hill, strait = loaded(folder, "places.yaml", text).places
    assert hill == OwnPlace(("Hill 1",), "NO", Precision.SITE, hill.at, (59.5, -10.0))
    assert strait == OwnPlace(("Long Strait",), None, Precision.CITY, strait.at, None, 7)


TRIGGERS = {
    "verb: []": 'unknown key "verb", did you mean "verbs"?',
    "verbs: [{frame: a, verbs: [nab], subjct: attacker}]": 'unknown key "subjct", did you mean "subject"?',
    "verbs: [{verbs: [nab]}]": "frame is missing, write it",
    "verbs: [{frame: a}]": "verbs is missing, write it",
    "verbs: [{frame: a, verbs: []}]": "verbs is empty, write at least one word",
    "verbs: [{frame: a, verbs: [na+b]}]": 'verbs holds "na+b", which is no words, write words, such as "close in on"',
    "verbs: [{frame: a, verbs: [nab ...]}]": 'verbs holds "nab ...", which is no words',
    "verbs: [{frame: a, verbs: [re-nab]}]": 'verbs holds "re-nab", whose forms are not known, list its forms as words',
    "verbs: [{frame: a, verbs: [nab], object: town}]": 'object "town" is not known, write ground, force, target, area',
    "verbs: [{frame: a, verbs: [nab], kind: battle, phase: advance}]": 'kind "battle" is not known, write siege or',
    "verbs: [{frame: a, verbs: [nab], kind: siege}]": "kind and phase go together, write both, or none",
    "verbs: [{frame: a, verbs: [nab], kind: siege, phase: advance}]": "no siege is ever advance, write one of: imposed",
    "nouns: [{frame: a, words: [nab], weight: 2}]": 'weight "2" is over 1.0, write 1.0 or less',
    "nouns: [{frame: a, words: [nab], object: ground}]": 'unknown key "object", write one of: frame,',
    "irregular: {take: took}": 'irregular "took" is not two forms, write past and participle',
}
ACTORS = {
    "Hill_Men: {name: Hill Men}": "this is no id of an actor, write lower case, digits and -",
    "hill-men: {}": "this actor has no names, write name: or also: [...]",
    "hill-men: [Hill Men]": "hill-men must hold keys of its own, write {key: value} or indented keys",
    "hill-men: {name: Hill Men, alias: [Hillers]}": 'unknown key "alias", did you mean "also"?',
    "hill-men: {name: Hill Men, kind: gang}": 'hill-men.kind "gang" is not known, write armed-group, army or alliance',
    "hill-men: {name: Hill Men, of: SYR}": 'hill-men.of "SYR" is no country, write the two letters of ISO 3166-1',
    "hill-men: {name: Hill Men, in: [XX]}": "hill-men.in is no country, write the two letters of ISO 3166-1",
    "hill-men: {also: [X]}": 'hill-men.also holds "X", which is no name, write two letters or more',
}
PLACES = {
    "SYR: [{name: Exampleton, at: [1, 2]}]": 'country "SYR" is not known, write the two letters of ISO 3166-1',
    "SY: {name: Exampleton}": "this must be a list, write a line for each place, with - {name: …}",
    "SY: [{at: [1, 2]}]": "name is missing, write it",
    "SY: [{name: Exampleton}]": "it is not said where this place is, write at: [latitude, longitude]",
    "SY: [{name: Exampleton, at: 35.3}]": 'at "35.3" is no point, write [latitude, longitude] in degrees',
    "SY: [{name: Exampleton, at: [35.3]}]": "at is no point, write [latitude, longitude] in degrees",
    "SY: [{name: Exampleton, at: [95.3, 40]}]": "at lies off the map, write [latitude, longitude]: -90 to 90",
    "SY: [{name: Exampleton, at: [nan, 40]}]": "at lies off the map",
    "SY: [{name: Exampleton, at: [1, 2], is: town}]": 'is "town" is not known, write site, city or region',
    "SY: [{name: Exampleton, at: [1, 2], people: 5}]": 'unknown key "people", write one of: also, at, id, is, name',
    "SY: [{name: Exampleton, id: x}]": 'id "x" is no whole number, write digits only',
}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (name, text, told)
        for name, cases in (("triggers.yaml", TRIGGERS), ("actors.yaml", ACTORS), ("places.yaml", PLACES))
        for text, told in cases.items()
    ],
)
def test_faults_are_told_with_their_line(folder: Path, name: str, text: str, told: str) -> None:
    (found,) = faults(folder, name, text)
    assert found.startswith(f"{name}:2: {told}")


def test_file_that_nobody_reads_is_a_fault(folder: Path) -> None:
    assert faults(folder, "actor.yml", "") == [
        'actor.yml:0: no such list is known, did you mean "lexicon/actors.yaml"?'
    ]


def test_faults_of_all_files_are_told_at_once_in_their_order(folder: Path) -> None:
    (folder / "lexicon" / "places.yaml").write_text("SY: 1\n")
    (folder / "lexicon" / "triggers.yaml").write_text("verb: []\n")
    (folder / "siegewatch.yaml").write_text("pol: 1\n")
    with pytest.raises(SettingsError) as caught:
        load(folder, {})
    assert [Path(fault.file).name for fault in caught.value.faults] == [
        "siegewatch.yaml",
        "triggers.yaml",
        "places.yaml",
    ]
