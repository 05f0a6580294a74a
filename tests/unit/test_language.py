"""Languages are told by script, letters and function words."""

import pytest

from siegewatch.detect.language import Languages
from siegewatch.domain.language import LANGUAGES

TOLD = Languages.load()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Army enters old city", "en"),
        ("El ejército entra en la ciudad y los rebeldes se retiran de las colinas", "es"),
        ("Die Armee rückt auf die Stadt vor und der Belagerungsring ist nicht dicht", "de"),
        ("Das Militär stürmt Stellungen", "de"),
        ("الجيش يدخل المدينة", "ar"),
        ("ارتش وارد شهر شد", "fa"),
        ("Армия вошла в город", "ru"),
        ("Військо увійшло в місто і її передмістя", "uk"),
        ("陸軍が町に入った", "ja"),
        ("陆军进入老城", "zh"),
        ("육군이 도시에 진입했다", "ko"),
        ("Ο στρατός μπήκε στην πόλη", "el"),
        ("సైన్యం పట్టణంలోకి ప్రవేశించింది", "und"),
        ("12345", "und"),
        ("🔴 …", "und"),
        ("", "und"),
    ],
)
def test_language_is_told(text: str, language: str) -> None:
    assert TOLD.of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("叛军Harbour Front攻占City Hall", "zh"),
        ("Отряды Harbour Front взяли город", "ru"),
        ("Rebeldes de la Harbour Front asaltan City Hall", "es"),
    ],
)
def test_english_names_leave_a_headline_in_its_language(text: str, language: str) -> None:
    assert TOLD.of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Rebels besiege Goma",
        "Troops enter Stary Zamek",
        "Rebels seize Villa de los Santos",
        "ARMY TAKES TAL AL-RUMMAN",
        "Siege of Vrbovsko ended",
        "Commander says Москва will fall back",
        "Militia from Dar es-Sahel assaults Beni Walad",
    ],
)
def test_foreign_names_leave_a_headline_english(text: str) -> None:
    assert TOLD.of(text) == "en"


def test_settings_know_the_languages_that_are_told_apart() -> None:
    by_letters = {code for profile in TOLD.profiles.values() for code in profile.languages}
    by_script = {"he", "el", "ko", "th", "hy", "ka", "am", "bn", "ta", "my", "zh", "ja"}
    assert by_letters | by_script == LANGUAGES
