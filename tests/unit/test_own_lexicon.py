"""What an operator adds to the lexicons: it is found, it fits what is there, and it changes nothing else."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.actors import ActorList
from siegewatch.detect.frames import Lexicon
from siegewatch.detect.gate import Gate
from siegewatch.detect.pipeline import EnglishClassifier
from siegewatch.detect.places import Context, Gazetteer
from siegewatch.domain.errors import SettingsError
from siegewatch.domain.event import Event
from siegewatch.domain.item import Item
from siegewatch.domain.lexicon import Origin, OwnActor, OwnFrame, OwnLexicon, OwnPlace
from siegewatch.domain.taxonomy import Kind, Phase, Precision, Status

AT = Origin("lexicon/some.yaml", 3)
DEIR_AL_ZOR = 170794
FRAMES = (
    OwnFrame("capture", True, ("snaffle", "make ... their own"), AT),
    OwnFrame("bottle-up", True, ("bottle up",), AT, Kind.SIEGE, Phase.IMPOSED, object="target"),
    OwnFrame("sweep-out", False, ("sweep-out",), AT, Kind.OFFENSIVE, Phase.ONGOING, weight=0.7),
    OwnFrame("smite", True, ("smite",), AT, Kind.OFFENSIVE, Phase.ADVANCE, subject="defender", goal="attacker"),
)
ACTORS = (
    OwnActor("zorblax", ("Zorblax Front", "Zorblaxians"), AT, ("ZBX",), ("cereal",), country="SS"),
    OwnActor("m23", ("Makenga's Own",), AT),
    OwnActor("ua", ("Borderland",), AT),
)
PLACES = (
    OwnPlace(("Quuxville", "Qooxville"), "SS", Precision.CITY, AT, (6.1, 31.2)),
    OwnPlace(("Deyr Azzoorah",), "SY", Precision.CITY, AT, None, DEIR_AL_ZOR),
    OwnPlace(("Goma",), "SS", Precision.SITE, AT, (6.2, 31.3)),
)
OWN = OwnLexicon(FRAMES, {"smite": "smote smitten"}, (), ACTORS, PLACES)


@pytest.fixture(scope="module")
def classifier() -> EnglishClassifier:
    classifier = EnglishClassifier()
    classifier.extend(OWN)
    return classifier


def told(classifier: EnglishClassifier, title: str) -> Event:
    """The one event of a headline."""
    at = datetime(2025, 1, 1, tzinfo=UTC)
    (judgement,) = classifier.classify([Item("i", title, "", at, at)])
    (event,) = judgement.events
    return event


@pytest.mark.parametrize(
    ("title", "kind", "phase", "attacker", "place"),
    [
        ("Zorblax Front snaffles Quuxville", Kind.OFFENSIVE, Phase.ADVANCE, "zorblax", "Quuxville"),
        ("ZORBLAX FRONT SNAFFLED QUUXVILLE", Kind.OFFENSIVE, Phase.ADVANCE, "zorblax", "QUUXVILLE"),
        ("Zorblaxians bottle up Qooxville garrison", Kind.SIEGE, Phase.IMPOSED, "zorblax", "Qooxville"),
        ("ZBX captures Quuxville after battle", Kind.OFFENSIVE, Phase.ADVANCE, "zorblax", "Quuxville"),
        ("Sudanese army launches sweep-out in Quuxville", Kind.OFFENSIVE, Phase.LAUNCHED, "sd-army", "Quuxville"),
        ("Makenga's Own fighters storm Bukavu", Kind.OFFENSIVE, Phase.ADVANCE, "m23", "Bukavu"),
        ("Borderland troops enter Kursk", Kind.OFFENSIVE, Phase.ADVANCE, "ua-army", "Kursk"),
    ],
)
def test_made_up_words_actors_and_places_tell_of_an_event(
    classifier: EnglishClassifier, title: str, kind: Kind, phase: Phase, attacker: str, place: str
) -> None:
    event = told(classifier, title)
    assert (event.kind, event.phase, event.status, event.attacker_id) == (kind, phase, Status.ACTUAL, attacker)
    assert event.place is not None
    assert event.place.name == place
    assert event.confidence >= 0.5


def test_word_added_to_a_frame_means_what_the_frame_means(classifier: EnglishClassifier) -> None:
    assert told(classifier, "Army snaffles Mosul from militants").taken


def test_without_the_lexicon_there_is_no_such_event() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    titles = ["Zorblax Front snaffles Quuxville", "Zorblaxians bottle up Qooxville garrison"]
    judgements = EnglishClassifier().classify([Item(title, title, "", at, at) for title in titles])
    assert [judgement.events for judgement in judgements] == [(), ()]


@pytest.mark.parametrize(
    ("words", "frame", "phase"),
    [
        ("they snaffled it", "capture", Phase.ADVANCE),
        ("they made the whole town their own", "capture", Phase.ADVANCE),
        ("they are smitten now", "smite", Phase.ADVANCE),
        ("a sweep - out begins", "sweep-out", Phase.ONGOING),
    ],
)
def test_lexicon_finds_own_words_in_their_forms(words: str, frame: str, phase: Phase) -> None:
    lexicon, tokens = Lexicon.load(OWN), words.split()
    hits = [hit.frame for start in range(len(tokens)) for hit in lexicon.hits(tokens, start)]
    assert (frame, phase) in [(hit.name, hit.phase) for hit in hits]
    plain = Lexicon.load()
    assert frame not in [hit.frame.name for start in range(len(tokens)) for hit in plain.hits(tokens, start)]


def test_known_frame_keeps_its_roles_and_a_new_noun_is_governed_as_its_kind_is() -> None:
    lexicon = Lexicon.load(OWN)
    (capture,) = (hit.frame for hit in lexicon.hits(["snaffle"], 0))
    (sweep,) = (hit.frame for hit in lexicon.hits(["sweep", "-", "out"], 0))
    assert (capture.subject, capture.object, capture.taken, capture.own) == ("attacker", "ground", True, True)
    assert sweep.before is not None
    assert (sweep.before["launches"], sweep.own) == (Phase.LAUNCHED, True)


@pytest.mark.parametrize(
    "text", ["Snaffled again", "It smote them", "Zorblaxians enter", "ZBX and a battle", "A sweep-out"]
)
def test_gate_lets_own_words_through(text: str) -> None:
    assert Gate.load(OWN).hit(text, "")
    assert not Gate.load().hit(text, "")


def test_gate_asks_for_fighting_beside_an_own_name() -> None:
    assert not Gate.load(OWN).hit("Zorblaxians sing", "")


def test_own_name_goes_before_the_name_of_another() -> None:
    actors = ActorList.load(own=[OwnActor("other-tigers", ("Tamil Tigers",), AT)])
    assert [mention.actor and mention.actor.id for mention in actors.find("Tamil Tigers advance")] == ["other-tigers"]


@pytest.mark.parametrize("text", ["ZBX in cereal talks after battle", "ZBX sings"])
def test_unsure_own_name_needs_a_text_about_fighting(text: str) -> None:
    assert ActorList.load(own=ACTORS).find(text) == []


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(own=PLACES)


def test_own_place_is_found_and_resolved_under_each_name(gazetteer: Gazetteer) -> None:
    assert [name.text for name in gazetteer.find("Clashes in Qooxville and Goma")] == ["Qooxville", "Goma"]
    located = gazetteer.resolve("Quuxville")
    assert located is not None
    assert (located.country, located.place.lat, located.place.lon) == ("SS", 6.1, 31.2)
    assert (located.place.geonames_id, located.place.precision) == (None, Precision.CITY)


def test_own_spelling_of_a_known_place_leads_to_it(gazetteer: Gazetteer) -> None:
    own, known = gazetteer.resolve("Deyr Azzoorah"), Gazetteer.load().resolve("Deir al-Zor")
    assert own is not None
    assert known is not None
    assert (own.place.geonames_id, own.place.lat) == (known.place.geonames_id, known.place.lat)


def test_own_place_that_geonames_has_too_stays_one_place() -> None:
    here = OwnPlace(("Deir al-Zor",), "SY", Precision.CITY, AT, (35.3, 40.1))
    located = Gazetteer.load(own=[here]).resolve("Deir al-Zor")
    assert located is not None
    assert located.place.geonames_id == DEIR_AL_ZOR


@pytest.mark.parametrize(("countries", "country"), [((), "SS"), (("CD",), "CD"), (("SS",), "SS")])
def test_own_place_comes_first_unless_the_text_points_elsewhere(
    gazetteer: Gazetteer, countries: tuple[str, ...], country: str
) -> None:
    located = gazetteer.resolve("Goma", Context(countries))
    assert located is not None
    assert located.country == country


def test_other_places_stay_as_they_are(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve("Lebanon, Pennsylvania") == Gazetteer.load().resolve("Lebanon, Pennsylvania")
    assert len(gazetteer) == len(Gazetteer.load()) + len(PLACES)


@pytest.mark.parametrize(
    ("own", "what", "instead"),
    [
        (
            OwnLexicon(frames=(OwnFrame("captur", True, ("nab",), AT),)),
            'no frame of verbs is named "captur"',
            'did you mean "capture"? A new frame needs kind and phase',
        ),
        (
            OwnLexicon(frames=(OwnFrame("capture", True, ("nab",), AT, Kind.SIEGE, Phase.FALLEN),)),
            '"capture" is a frame that siegewatch has, and says more than its words',
            "leave kind, phase and the like out, or choose another name",
        ),
        (
            OwnLexicon(actors=(OwnActor("m23", ("Men of 23",), AT, country="CD"),)),
            '"m23" is an actor that siegewatch has, and says more than its names',
            "leave kind, of and in out, or choose another id",
        ),
        (
            OwnLexicon(places=(OwnPlace(("Nowhere",), "SY", Precision.CITY, AT, None, 1),)),
            "GeoNames' list of places of 500 inhabitants and more has no id 1",
            "write at: [latitude, longitude] too",
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(own: OwnLexicon, what: str, instead: str) -> None:
    with pytest.raises(SettingsError) as caught:
        EnglishClassifier().extend(own)
    assert caught.value.faults == (AT.fault(what, instead),)
