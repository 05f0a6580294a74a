"""What documents say of when to come back."""

import pytest

from siegewatch.collect.wishes import wishes_of
from siegewatch.domain.feed import Wishes


@pytest.mark.parametrize(
    ("frame", "seconds"),
    [
        (b"<channel><ttl>15</ttl>", 900),
        (b"<channel><ttl> 60 </ttl>", 3_600),
        (b"<ttl>0</ttl>", None),
        (b"<ttl>86400</ttl>", None),
        (b"<ttl>soon</ttl>", None),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 1_800),
        (b"<sy:updatePeriod>\n\tdaily\t</sy:updatePeriod>", 86_400),
        (b"<sy:updatePeriod>yearly</sy:updatePeriod>", None),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3_600),
        (b"", None),
    ],
)
def test_ttl_and_update_period_are_read_in_seconds(frame, seconds):
    assert wishes_of(frame).ttl_seconds == seconds


def test_hours_and_days_to_skip_are_read():
    frame = (
        b"<skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour></skipHours>"
        b"<skipDays><day>Sunday</day><day>Monday</day><day>Noday</day></skipDays>"
    )
    assert wishes_of(frame) == Wishes(None, frozenset({0, 23}), frozenset({0, 6}))


def test_unclosed_elements_are_no_wishes():
    assert wishes_of(b"<skipHours><hour>1</hour>" + b"x" * 100_000) == Wishes()
