"""What the classifier says of whole items."""

from datetime import UTC, datetime

import pytest

from siegewatch.detect.codes import codes_for
from siegewatch.detect.pipeline import EnglishClassifier, SiegewatchEn
from siegewatch.domain.event import Codes, Event, Judgement
from siegewatch.domain.item import Item
from siegewatch.domain.taxonomy import PHASES, Kind, Phase, Precision, Status

SEED = "Syrian army thrusts east to break siege of Deir al-Zor city"
SEED_LEAD = (
    "The army and its allies, after a sudden advance through jihadist lines, are 10 km from relieving the city, where "
    "Islamic State has besieged a garrison and 93,000 civilians for years, a monitor says. The governor expects them "
    "by Tuesday night."
)
AT = datetime(2017, 9, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def classifier() -> EnglishClassifier:
    return EnglishClassifier()


def judge(classifier: EnglishClassifier, title: str, summary: str = "", at: datetime = AT) -> Judgement:
    return classifier.classify([Item("i", title, summary, at, at)])[0]


def confident(judgement: Judgement) -> list[Event]:
    return [event for event in judgement.events if event.confidence >= 0.5]


@pytest.mark.parametrize("title", [SEED, SEED.upper(), f"{SEED} | Muslim Global"])
@pytest.mark.parametrize("summary", [SEED_LEAD, ""])
def test_seed_headline_holds_an_advance_and_a_siege_about_to_be_broken(
    classifier: EnglishClassifier, title: str, summary: str
) -> None:
    events = {event.kind: event for event in confident(judge(classifier, title, summary))}
    assert len(events) == 2
    offensive, siege = events[Kind.OFFENSIVE], events[Kind.SIEGE]
    assert (offensive.phase, offensive.status) == (Phase.ADVANCE, Status.ACTUAL)
    assert (siege.phase, siege.status) == (Phase.BROKEN, Status.THREATENED)
    assert offensive.attacker is not None
    assert (offensive.attacker.lower(), offensive.attacker_id) == ("syrian army", "sy-army")
    for event in events.values():
        assert event.place is not None
        assert (event.place.name.lower(), event.place.precision) == ("deir al-zor", Precision.CITY)
        assert (event.country, event.taken) == ("SY", False)
    besieger = ("Islamic State", "islamic-state") if summary else (None, None)
    assert (offensive.defender, offensive.defender_id) == besieger
    assert (siege.attacker, siege.attacker_id) == besieger
    assert siege.defender == ("garrison" if summary else None)


SEED_LEADS = (
    "Soldiers and allied militias broke through the jihadists' defences and stood 10 km from relieving Deir al-Zor, "
    "in which Islamic State has besieged a garrison and 93,000 people for years. The governor awaits them by "
    "Tuesday.",
    "The army, after a sudden push through jihadist territory, is 10 km (6 miles) from relieving the city, where "
    "Islamic State has surrounded a garrison and 93,000 residents; the governor hopes to greet it by Tuesday night.",
    "The Syrian army came within 10 kilometres of relieving Deir al-Zor on Monday. Islamic State fighters have kept "
    "its garrison and some 93,000 civilians under siege since 2014. The governor expects the troops by Tuesday "
    "night.",
    "DAMASCUS (AP) - Syrian troops and their allies are within 10 km of the city after a surprise advance through "
    "jihadist lines. IS has laid siege to a garrison and 93,000 civilians there for years, and the governor counts "
    "on Tuesday.",
    "Islamic State has besieged the city's garrison for years. Now the army and its allies are 10 km away and the "
    "governor expects them by Tuesday.",
    "In a sudden advance, the army and its allies have come within ten kilometres of the city, besieged by Islamic "
    "State for years. Some 93,000 civilians and a garrison wait there; the governor speaks of Tuesday.",
    "A lightning advance has taken the army and its allies 10 km from Deir al-Zor, where a garrison and 93,000 "
    "people have been besieged by Islamic State since 2014. The governor expects relief by Tuesday night.",
    "The army and its allies could reach Deir al-Zor by Tuesday night, its governor says. Islamic State militants "
    "have held a garrison and 93,000 civilians under siege for years; the troops are 10 km away.",
    "Some 93,000 civilians and a garrison, encircled by Islamic State for years, may soon be relieved: the army and "
    "its allies stand 10 km from the city after a sudden advance, and its governor expects them on Tuesday.",
    "The army and its allies punched through jihadist lines and were only 10 km away on Monday. The city has been "
    "under siege by Islamic State for years; its governor expects the troops by Tuesday night.",
    "Government troops are 10 km short of relieving the eastern city, where Islamic State has encircled a garrison "
    "and 93,000 civilians for years, after a sudden advance through jihadist lines. They are expected by Tuesday.",
    "The governor of Deir al-Zor expects the army by Tuesday night. It advanced suddenly with its allies and is 10 "
    "km from the garrison and the 93,000 civilians whom Islamic State has besieged for years.",
    "Only 10 km lie between the army and the city, whose garrison and 93,000 civilians have been besieged by "
    "Islamic State for years. It advanced suddenly through jihadist lines; the governor expects it by Tuesday.",
    "Islamic State's siege of the city has lasted for years. The army and its allies, now 10 km off after a sudden "
    "advance, should be there by Tuesday night, the governor says; a garrison and 93,000 people wait.",
    "The army and its allies advanced suddenly and are two days away from relieving the city, the governor says. "
    "Islamic State militants have surrounded a garrison and 93,000 civilians for years.",
)


@pytest.mark.parametrize("title", [SEED, SEED.upper(), f"{SEED} | Muslim Global"])
@pytest.mark.parametrize("summary", SEED_LEADS)
def test_seed_headline_holds_the_same_events_however_its_lead_is_worded(
    classifier: EnglishClassifier, title: str, summary: str
) -> None:
    offensive, siege = sorted(confident(judge(classifier, title, summary)), key=lambda event: event.kind)
    assert (offensive.phase, offensive.status, offensive.attacker_id) == (Phase.ADVANCE, Status.ACTUAL, "sy-army")
    assert (siege.phase, siege.status) == (Phase.BROKEN, Status.THREATENED)
    assert offensive.defender_id == siege.attacker_id == "islamic-state"
    for event in (offensive, siege):
        assert event.place is not None
        assert (event.place.geonames_id, event.country) == (170794, "SY")


def test_evidence_stands_where_it_says(classifier: EnglishClassifier) -> None:
    title = "BREAKING: Rebels seize base near Homs - state TV"
    (event,) = confident(judge(classifier, title))
    (evidence,) = event.evidence
    assert title[evidence.start : evidence.end] == evidence.text
    assert evidence.text.startswith("Rebels seize base")
    assert event.claimed_by == "state TV"


@pytest.mark.parametrize(
    ("title", "attacker", "defender"),
    [
        ("Rebels lose last Aleppo district to army", "army", "Rebels"),
        ("Army retakes Palmyra from IS", "Army", "IS"),
        ("Base overrun by jihadists in Mali", "jihadists", None),
        ("Troops beat back rebel assault on Marib", "rebel", "Troops"),
        ("Boko Haram fighters attack Maiduguri, repelled by Nigerian troops", "Boko Haram fighters", "Nigerian troops"),
        ("Rebels besiege Goma as army retreats", "Rebels", "army"),
        ("Hamas fighters surrounded in Khan Younis", None, "Hamas fighters"),
    ],
)
def test_sides_follow_the_sentence_not_the_subject(
    classifier: EnglishClassifier, title: str, attacker: str | None, defender: str | None
) -> None:
    event = confident(judge(classifier, title))[0]
    assert (event.attacker, event.defender) == (attacker, defender)


@pytest.mark.parametrize(
    "title",
    [
        "City under siege as Wanderers launch late offensive in cup final",
        "Minister besieged by rebels in his own party",
        "Ankara launches charm offensive in Gulf",
        "Wildfire encircles mountain town, crews retreat",
        "Army denies losing Tal Rumman base",
        "Kyiv denies Russian forces entered Pokrovsk",
        "Taiwan drill simulates assault on island fortress",
        "Police hold talks over office move",
        "China could blockade Taiwan, Pentagon report says",
        "Opinion: The siege of Gaza must end",
        "Siege at Nairobi hotel ends",
        "Hostages freed as siege at Karachi school ends",
        "Army to advance on Navy in Philadelphia as college football rivalry resumes",
        "India's bowlers lay siege to England's middle order in Mumbai",
        "Real Madrid hold out against Liverpool siege",
        "Chelsea under siege: Arsenal storm Stamford Bridge with 4-0 win",
        "Kosovo: historians mark siege of Belgrade",
        "Napoleon's army besieged Acre in 1799, new book says",
        "French army advances on climate goals",
        "Labor under siege: PM to reshuffle cabinet",
    ],
)
def test_what_is_no_news_of_a_war_holds_no_event(classifier: EnglishClassifier, title: str) -> None:
    assert not confident(judge(classifier, title))


def told(classifier: EnglishClassifier, title: str, summary: str = "") -> set[tuple[str, str, str | None]]:
    return {
        (str(event.kind), str(event.phase), event.attacker) for event in confident(judge(classifier, title, summary))
    }


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("RSF besieges El Obeid", ("siege", "imposed", "RSF")),
        ("RSF besieges El Obeid, UN warns", ("siege", "imposed", "RSF")),
        ("LNA seizes Gharyan south of Tripoli", ("offensive", "advance", "LNA")),
        ("Haftar's LNA seizes Gharyan", ("offensive", "advance", "LNA")),
        ("TPLF retakes Mekelle", ("offensive", "advance", "TPLF")),
    ],
)
def test_listed_group_makes_its_sentence_news_of_a_war(
    classifier: EnglishClassifier, title: str, expected: tuple[str, str, str | None]
) -> None:
    assert told(classifier, title) == {expected}


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("'No question' of surrender, says Kyiv", "Ukraine refused a demand to lay down arms in Mariupol."),
        ("Besieged Mariupol defenders vow never to surrender", ""),
        ("Ukraine rejects surrender ultimatum in besieged Mariupol", ""),
    ],
)
def test_refused_surrender_is_no_fall(classifier: EnglishClassifier, title: str, summary: str) -> None:
    assert "fallen" not in {phase for _, phase, _ in told(classifier, title, summary)}


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Evacuations begin from besieged areas of Ukraine", "People flee Sumy and Irpin through corridors."),
        ("Hundreds of civilians evacuated from besieged Homs", ""),
        ("Civilians flee besieged Mariupol", ""),
        ("Aid convoy reaches besieged Kadugli for first time in a year", ""),
    ],
)
def test_people_let_out_break_a_siege(classifier: EnglishClassifier, title: str, summary: str) -> None:
    assert told(classifier, title, summary) == {("siege", "broken", None)}


@pytest.mark.parametrize(
    "title",
    [
        "Siege of Babanusa ends as RSF captures army garrison",
        "RSF captures El Fasher after 18-month siege",
        "Mariupol defenders surrender after siege",
        "Siege of Aleppo: last rebels evacuate city",
    ],
)
def test_place_taken_or_given_up_has_fallen(classifier: EnglishClassifier, title: str) -> None:
    assert ("siege", "fallen") in {(kind, phase) for kind, phase, _ in told(classifier, title)}


def test_attackers_origin_is_no_place(classifier: EnglishClassifier) -> None:
    title, summary = (
        "Families hide in metro stations while under attack from Russia",
        "Ukraine's army says it repelled an assault",
    )
    events = judge(classifier, title, summary).events
    assert {(event.attacker, event.country) for event in events} == {("Russia", "UA")}
    assert {event.place.name for event in events if event.place} <= {"Ukraine"}


def test_threats_are_not_told_as_facts(classifier: EnglishClassifier) -> None:
    events = confident(
        judge(classifier, "Army to launch offensive on Idlib, rebels warn", "Rebel commanders fear an assault.")
    )
    assert {event.status for event in events} == {Status.THREATENED}


def test_two_fronts_in_a_headline_are_two_events(classifier: EnglishClassifier) -> None:
    events = confident(judge(classifier, "Rebels seize Raqqa as army advances on Manbij"))
    assert {event.place.name for event in events if event.place} == {"Raqqa", "Manbij"}
    assert {event.attacker for event in events} == {"Rebels", "army"}


def test_items_come_back_in_order_and_say_why(classifier: EnglishClassifier) -> None:
    titles = ["Ten recipes for a rainy weekend", SEED, "Museum shows siege coins"]
    judgements = classifier.classify([Item(str(i), title, "", AT, AT) for i, title in enumerate(titles)])
    assert [bool(judgement.events) for judgement in judgements] == [False, True, False]
    assert judgements[0].steps == ("gate: no words of siege or offensive",)
    assert any(step.startswith("trigger: ") for step in judgements[1].steps)
    assert any(step.startswith("score: ") for step in judgements[1].steps)


def test_steps_name_the_sides_and_who_says_so(classifier: EnglishClassifier) -> None:
    steps = judge(classifier, "Syrian army captures Idlib from rebels").steps
    [role] = [step for step in steps if step.startswith("role: ")]
    assert "at Idlib: attacker “Syrian army” (sy-army; frame capture)" in role
    assert "defender “rebels” (in no list; frame capture)" in role


def test_pipeline_is_one_of_named_versioned_components() -> None:
    nlp = SiegewatchEn()
    assert nlp.pipe_names == ["gate", "glance", "tokens", "encoder", "parse", "frames", "confidence", "events"]
    assert nlp.pipe_factories["gate"] == "siegewatch_gate_v2"
    assert (nlp.meta["name"], nlp.meta["lang"]) == ("siegewatch", "en")
    with pytest.raises(ValueError, match="reads items, not texts"):
        nlp(SEED)
    nlp.remove_pipe("parse")
    nlp.remove_pipe("tokens")
    with pytest.raises(ValueError, match="component tokens is missing"):
        nlp.judge([Item("1", SEED, "", AT, AT)])


ODD = {
    "empty": "",
    "blank": " ",
    "dots": "…",
    "unseen": "\u202e\u0000",
    "one word": "siege",
    "emoji": "🔴🔴🔴 siege",
    "lone surrogates": "Rebels \ud800 besiege \udfff Homs",
    "one word of a megabyte": "siege" + "e" * 1_000_000,
    "a megabyte of words": "Rebels besiege Homs " * 50_000,
    "a sentence of 5,000 words": "army besieges Homs and rebels storm " * 833,
    "brackets": "Rebels besiege Homs " + "([" * 50_000,
    "unclosed tags": "<a " * 300_000,
    "unclosed entities": "&amp" * 300_000,
    "punctuation": "Rebels besiege Homs" + "!?" * 500_000,
    "dashes": "Rebels besiege Homs" + " - Homs" * 100_000,
    "blanks": " " * 1_000_000,
    "accents": "e" + "\u0301" * 1_000_000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_texts_do_no_harm(classifier: EnglishClassifier, text: str) -> None:
    item = Item("i", text, text, AT, AT)
    (judgement,) = classifier.classify([item])
    for words in (words for event in judgement.events for words in event.evidence):
        assert getattr(item, words.field)[words.start : words.end] == words.text


def test_evidence_stands_in_the_item_as_it_came(classifier: EnglishClassifier) -> None:
    title = "\u200b<b>Rebels</b> be\xadsiege&nbsp;Hom\u0441s &amp; army base"
    (event, *_) = confident(judge(classifier, title.replace("Hom\u0441s", "H\u043ems")))
    (words, *_) = event.evidence
    assert (event.attacker, event.place and event.place.name) == ("Rebels", "Homs")
    assert words.text == title.replace("Hom\u0441s", "H\u043ems")[words.start : words.end]
    assert "be\xadsiege" in words.text


def test_no_items_give_no_judgements(classifier: EnglishClassifier) -> None:
    assert classifier.classify([]) == []


STATE, OTHER = "Government regains territory", "Non-state actor overtakes territory"
CROSS_WALK: dict[tuple[Kind, str], dict[str, Codes]] = {
    (Kind.SIEGE, "imposed ongoing"): {"": Codes("191", "COERCE", None)},
    (Kind.SIEGE, "broken"): {
        "": Codes("190", "ASSAULT", "Armed clash"),
        "by_deal": Codes("0872", "RETREAT", "Agreement"),
    },
    (Kind.SIEGE, "fallen"): {
        "": Codes("192", "COERCE", None),
        "by_others": Codes("192", "COERCE", OTHER),
        "by_state": Codes("192", "COERCE", STATE),
        "by_deal": Codes("0874", "RETREAT", "Non-violent transfer of territory"),
        "by_deal by_state": Codes("0874", "RETREAT", "Non-violent transfer of territory"),
    },
    (Kind.OFFENSIVE, "launched ongoing repelled advance"): {
        "": Codes("190", "ASSAULT", "Armed clash"),
        "by_state": Codes("190", "ASSAULT", "Armed clash"),
    },
    (Kind.OFFENSIVE, "advance"): {
        "taken": Codes("192", "COERCE", None),
        "taken by_others": Codes("192", "COERCE", OTHER),
        "taken by_state": Codes("192", "COERCE", STATE),
    },
    (Kind.OFFENSIVE, "ended"): {
        "by_deal": Codes("0871", "RETREAT", None),
        "": Codes("0874", "RETREAT", None),
    },
}
"""The rows of the contract's table: kind and phases, then what else is told."""


@pytest.mark.parametrize(
    ("kind", "phase", "facts", "codes"),
    [
        (kind, Phase(phase), facts, codes)
        for (kind, phases), rows in CROSS_WALK.items()
        for phase in phases.split()
        for facts, codes in rows.items()
    ],
)
def test_codes_follow_the_cross_walk(kind: Kind, phase: Phase, facts: str, codes: Codes) -> None:
    said = facts.split()
    by_state = True if "by_state" in said else False if "by_others" in said else None
    found = codes_for(kind, phase, Status.ACTUAL, taken="taken" in said, by_deal="by_deal" in said, by_state=by_state)
    assert found == codes


@pytest.mark.parametrize(("kind", "cameo"), [(Kind.SIEGE, "1381"), (Kind.OFFENSIVE, "1384")])
def test_every_phase_that_only_threatens_has_the_code_of_a_threat(kind: Kind, cameo: str) -> None:
    for phase in PHASES[kind]:
        found = codes_for(kind, phase, Status.THREATENED, taken=False, by_deal=True, by_state=True)
        assert found == Codes(cameo, "THREATEN", None)


@pytest.mark.parametrize(
    ("title", "by_deal", "by_state"),
    [
        ("M23 rebels capture Goma", False, False),
        ("Rebel troops capture Goma", False, False),
        ("Syrian army captures Palmyra", False, True),
        ("Damascus retakes Palmyra from rebels", False, True),
        ("Army retakes Palmyra from rebels", False, True),
        ("Syrian army breaks siege of eastern Ghouta", False, True),
        ("Siege of Madaya lifted under truce deal", True, None),
        ("Israeli army halts offensive in Rafah under truce", True, True),
    ],
)
def test_codes_follow_what_the_words_say_of_deals_and_states(
    classifier: EnglishClassifier, title: str, by_deal: bool, by_state: bool | None
) -> None:
    event = judge(classifier, title).events[0]
    told = {"taken": event.taken, "by_deal": by_deal, "by_state": by_state}
    assert event.codes == codes_for(event.kind, event.phase, event.status, **told)


@pytest.mark.parametrize(
    ("title", "attacker", "attacker_id"),
    [
        ("Damascus advances on Idlib", "Damascus", "sy"),
        ("Kyiv's forces retake Lyman from Moscow's troops", "Kyiv's forces", "ua-army"),
        ("Israelis advance on Khan Younis", "Israelis", "il"),
        ("Kremlin launches offensive on Kharkiv", "Kremlin", "ru"),
        ("Ankara launches offensive against Kurds in Manbij", "Ankara", "tr"),
        ("Putin launches invasion of Ukraine", "Putin", "ru"),
        ("Tigrayan forces capture Lalibela", "Tigrayan forces", "tplf"),
        ("UPDF soldiers advance on Barawe", "UPDF soldiers", "ug-army"),
    ],
)
def test_capitals_leaders_and_peoples_are_resolved_and_keep_their_words(
    classifier: EnglishClassifier, title: str, attacker: str, attacker_id: str
) -> None:
    event = judge(classifier, title).events[0]
    assert (event.attacker, event.attacker_id) == (attacker, attacker_id)


def test_unknown_initials_are_no_place(classifier: EnglishClassifier) -> None:
    events = judge(classifier, "Rebels besiege XYZ as army advances in Homs").events
    assert events
    assert "XYZ" not in [event.place.name for event in events if event.place]


@pytest.mark.parametrize("title", ["Russian troops take control of key Ukrainian city", "Rebels besiege Syrian town"])
def test_people_of_a_country_are_no_place(classifier: EnglishClassifier, title: str) -> None:
    event = confident(judge(classifier, title))[0]
    assert event.place is None
    assert event.country in ("UA", "SY")


def test_place_lies_in_the_country_that_its_neighbours_in_the_item_tell(classifier: EnglishClassifier) -> None:
    title = "Rebels seize Tripoli after days of fighting"
    lead = "The fighters had come from Zgharta and Batroun, a day after clashes in Beirut."
    (event,) = confident(judge(classifier, title, lead))
    assert event.country == "LB"


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("", "Mali&nbsp;soldiers capture Kidal, the army says."),
        ("", "Runway&nbsp;retaken, guerrillas chased into bush"),
        ("Breaking:", "Rebels besiege&nbsp;Goma"),
        ("Ukraine \u02bcs army besieges Goma", ""),
        ("Ukrainian army besieges \u02bc Kreminna", ""),
    ],
)
def test_item_without_a_headline_or_with_a_lone_apostrophe_is_judged(
    classifier: EnglishClassifier, title: str, summary: str
) -> None:
    for event in judge(classifier, title, summary).events:
        for words in event.evidence:
            assert words.text == {"title": title, "summary": summary}[words.field][words.start : words.end]


@pytest.mark.parametrize(
    "title",
    [
        "RSF enters El Fasher as Sudanese army advances on al-Fashir",
        "Turkish troops enter Kobani as Kurdish fighters storm Ain al-Arab",
    ],
)
def test_one_place_in_two_spellings_is_one_event_of_a_kind(classifier: EnglishClassifier, title: str) -> None:
    events = [event for event in judge(classifier, title).events if event.kind is Kind.OFFENSIVE]
    assert len(events) == 1


def test_who_breaks_a_siege_is_not_its_besieger(classifier: EnglishClassifier) -> None:
    events = {event.kind: event for event in judge(classifier, SEED).events}
    assert events[Kind.OFFENSIVE].attacker == "Syrian army"
    assert events[Kind.SIEGE].attacker is None


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Rebels take towns in Idlib province, advance on Aleppo", ""),
        ("Rebels say they are advancing on Aleppo", "The city has been in the hands of army troops since the spring."),
    ],
)
def test_place_that_is_only_advanced_on_is_not_taken(classifier: EnglishClassifier, title: str, summary: str) -> None:
    events = confident(judge(classifier, title, summary))
    assert [event.taken for event in events if event.place and event.place.name == "Aleppo"] == [False]


@pytest.mark.parametrize(
    ("title", "taken"),
    [
        ("Two more villages near Saraqib captured", False),
        ("Rebels seize village near Saraqib", False),
        ("Rebels capture army base outside Saraqib", False),
        ("Rebels seize airport in Saraqib", False),
        ("Saraqib counter-offensive: rebels retake three villages", False),
        ("Town near Saraqib falls to rebels", False),
        ("Rebels seize the key town of Saraqib", True),
        ("Rebels take control of the city of Saraqib", True),
        ("Rebels capture Saraqib", True),
    ],
)
def test_place_is_not_taken_with_what_lies_near_or_in_it(
    classifier: EnglishClassifier, title: str, taken: bool
) -> None:
    assert [event.taken for event in confident(judge(classifier, title)) if event.kind is Kind.OFFENSIVE] == [taken]
