"""What becomes of a subscription with all that may happen to it."""

import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from siegewatch.collect import websub
from siegewatch.domain.subscription import Offer, PushState, Subscription

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY, MINUTES = timedelta(hours=1), timedelta(days=1), timedelta(minutes=5)
TOPIC = "https://e.example/feed"
OFFER = Offer("https://hub.example/", TOPIC)
OFFERED = websub.offered(None, OFFER, "key", NOW)
ASKED = websub.asked(OFFERED, "one", NOW)


def verified(before: Subscription = ASKED, lease: str = "864000", at: datetime = NOW) -> Subscription:
    after = websub.verified(before, TOPIC, lease, at)
    assert after is not None
    return after


ACTIVE = verified()
PROVEN = websub.pushed(ACTIVE, NOW)


def paced(
    known: Subscription | None, every: timedelta = MINUTES, critical: bool = False, at: datetime = NOW
) -> timedelta:
    return websub.paced(every, known, critical=critical, at_most=4 * HOUR, now=at)


def test_hub_is_asked_as_soon_as_it_is_named() -> None:
    assert OFFERED.state is PushState.OFFERED
    assert websub.is_due(OFFERED, NOW)
    assert not websub.is_due(ASKED, NOW)


def test_the_same_offer_changes_nothing() -> None:
    assert websub.offered(PROVEN, OFFER, "other", NOW + DAY) == PROVEN


def test_another_hub_is_another_subscription_under_another_key() -> None:
    after = websub.offered(PROVEN, Offer("https://new.example/", TOPIC), "new key", NOW + DAY)
    assert (after.state, after.key, after.secrets, after.pushes) == (PushState.OFFERED, "new key", (), 0)
    assert websub.is_due(after, NOW + DAY)


def test_feed_that_names_another_hub_each_time_makes_one_request_an_hour() -> None:
    after = websub.offered(ASKED, Offer("https://new.example/", TOPIC), "new key", NOW + MINUTES)
    assert not websub.is_due(after, NOW + MINUTES)
    assert websub.is_due(after, NOW + HOUR)


def test_document_that_names_no_hub_changes_nothing() -> None:
    assert websub.polled(PROVEN, None, found_new=False, key="k", now=NOW) == PROVEN
    assert websub.polled(None, None, found_new=True, key="k", now=NOW) is None


@pytest.mark.parametrize(
    ("told", "lease"),
    [("864000", 10 * DAY), ("60", HOUR), ("0", HOUR), ("31536000", 14 * DAY), ("9" * 4000, 14 * DAY), ("", 10 * DAY),
     ("-5", 10 * DAY), ("soon", 10 * DAY), ("٣", 10 * DAY)],
)  # fmt: skip
def test_lease_is_kept_within_bounds(told: str, lease: timedelta) -> None:
    assert verified(lease=told).lease_until == NOW + lease


def test_lease_is_renewed_after_three_quarters() -> None:
    assert not websub.is_due(ACTIVE, NOW + 7 * DAY)
    assert websub.is_due(ACTIVE, NOW + 7.5 * DAY)


def test_lease_that_ran_out_is_no_promise() -> None:
    assert websub.is_active(ACTIVE, NOW + 10 * DAY - HOUR)
    assert not websub.is_active(ACTIVE, NOW + 10 * DAY)
    assert websub.standing(ACTIVE, NOW + 10 * DAY) == "lapsed"


def test_old_secret_holds_while_a_renewal_is_under_way_and_for_what_is_in_flight() -> None:
    renewing = websub.asked(ACTIVE, "two", NOW + 8 * DAY)
    renewed = verified(renewing, at=NOW + 8 * DAY)
    assert renewing.state is PushState.ACTIVE
    assert renewing.secrets == renewed.secrets == ("two", "one")
    assert websub.asked(renewed, "three", NOW + 16 * DAY).secrets == ("three", "two")
    assert renewed.key == ACTIVE.key, "the hub knows the subscription by its callback"


def test_request_that_is_repeated_bears_the_same_secret() -> None:
    again = websub.asked(websub.unanswered(ASKED, "no route", NOW), "two", NOW + HOUR)
    assert again.secrets == ("one",)
    renewing = websub.asked(websub.asked(ACTIVE, "two", NOW + 8 * DAY), "three", NOW + 9 * DAY)
    assert renewing.secrets == ("two", "one"), "the verified one is not pushed out"


def test_only_what_was_asked_for_is_verified() -> None:
    assert websub.verified(ASKED, "https://e.example/other", "60", NOW) is None
    assert websub.verified(OFFERED, TOPIC, "60", NOW) is None
    assert websub.verified(websub.refused(ASKED, "it answers 403", NOW), TOPIC, "60", NOW) is None


def test_hub_may_verify_an_active_subscription_again() -> None:
    later = verified(ACTIVE, at=NOW + DAY)
    assert later.lease_until == NOW + 11 * DAY
    assert later.secrets == ACTIVE.secrets


def test_hub_that_refuses_is_asked_again_after_a_day() -> None:
    after = websub.refused(ASKED, "it answers 403", NOW)
    assert after.state is PushState.REFUSED
    assert not websub.is_due(after, NOW + DAY - MINUTES)
    assert websub.is_due(after, NOW + DAY)
    assert websub.asked(after, "two", NOW + DAY).state is PushState.ASKED


def test_hub_that_gives_no_answer_is_asked_again_after_an_hour() -> None:
    after = websub.unanswered(ASKED, "timed out", NOW)
    assert after.state is PushState.ASKED, "the request may have arrived"
    assert websub.is_due(after, NOW + HOUR)
    assert websub.verified(after, TOPIC, "", NOW)


def test_hub_that_verifies_before_it_answers_stays_verified() -> None:
    assert websub.unanswered(ACTIVE, "timed out", NOW) == ACTIVE
    assert websub.refused(ACTIVE, "it answers 500", NOW) == ACTIVE


def test_renewal_that_is_refused_leaves_the_lease() -> None:
    after = websub.refused(websub.asked(ACTIVE, "two", NOW + 8 * DAY), "it answers 403", NOW + 8 * DAY)
    assert websub.is_active(after, NOW + 9 * DAY)
    assert not websub.is_active(after, NOW + 10 * DAY)


def test_denial_ends_an_active_subscription() -> None:
    after = websub.denied(PROVEN, TOPIC, "<b>no</b>\x1b[2J more", NOW)
    assert after is not None
    assert (after.state, after.lease_until, websub.is_due(after, NOW + DAY)) == (PushState.REFUSED, None, True)
    assert "\x1b" not in (websub.remark(after, NOW) or "")
    assert "hub.example: it denied the subscription: <b>no" in (websub.remark(after, NOW) or "")


def test_denial_of_what_was_not_asked_for_is_none() -> None:
    assert websub.denied(ACTIVE, "https://e.example/other", "", NOW) is None
    assert websub.denied(OFFERED, TOPIC, "", NOW) is None


def test_proven_feed_is_polled_twelve_times_less_often() -> None:
    assert paced(PROVEN) == HOUR
    assert paced(PROVEN, every=timedelta(minutes=1)) == timedelta(minutes=12)
    assert paced(PROVEN, every=HOUR) == 4 * HOUR, "at_most"
    assert paced(PROVEN, every=6 * HOUR) == 6 * HOUR, "no feed is polled more often for being pushed"


def test_critical_feed_is_polled_at_least_hourly() -> None:
    assert paced(PROVEN, every=timedelta(minutes=20), critical=True) == HOUR
    assert paced(PROVEN, every=timedelta(minutes=20)) == 4 * HOUR
    assert paced(PROVEN, every=2 * HOUR, critical=True) == 2 * HOUR


@pytest.mark.parametrize("known", [None, OFFERED, ASKED, ACTIVE, websub.refused(ASKED, "no", NOW)])
def test_feed_without_a_proven_hub_is_polled_as_usual(known: Subscription | None) -> None:
    assert paced(known) == MINUTES


def test_feed_is_polled_when_its_lease_ends() -> None:
    assert paced(PROVEN, at=NOW + 10 * DAY - timedelta(minutes=30)) == timedelta(minutes=30)
    assert paced(PROVEN, at=NOW + 10 * DAY) == MINUTES


def backed_up(known: Subscription, times: int) -> Subscription:
    for _ in range(times):
        after = websub.polled(known, OFFER, found_new=True, key="k", now=NOW)
        assert after is not None
        known = after
    return known


def test_hub_that_never_pushes_what_polls_find_is_mute_after_ten() -> None:
    assert not websub.is_mute(backed_up(ACTIVE, 9), NOW)
    mute = backed_up(ACTIVE, 10)
    assert websub.standing(mute, NOW) == "mute"
    assert "does not push what 10 polls have found" in (websub.remark(mute, NOW) or "")


def test_hub_that_ceases_to_push_is_doubted_soon_and_believed_when_it_pushes_again() -> None:
    assert paced(backed_up(PROVEN, 2)) == HOUR
    assert paced(backed_up(PROVEN, 3)) == MINUTES
    assert websub.is_mute(backed_up(PROVEN, 10), NOW)
    assert paced(websub.pushed(backed_up(PROVEN, 10), NOW)) == HOUR


def test_polls_before_the_hub_has_promised_do_not_count_against_it() -> None:
    assert backed_up(ASKED, 20).backups == 0


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512", "SHA256"])
def test_signature_of_each_method_is_checked(method: str) -> None:
    signature = f"{method}={hmac.new(b'old', b'body', method.lower()).hexdigest()}"
    assert websub.is_signed(b"body", signature, ("new", "old"))
    assert not websub.is_signed(b"body", signature, ("new",))
    assert not websub.is_signed(b"other", signature, ("new", "old"))
    assert not websub.is_signed(b"body", signature, ())


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256",
        "sha256=",
        "sha256=é",
        "=x",
        "md5=" + hmac.new(b"s", b"body", "md5").hexdigest(),
        "sha1=" + "0" * 40,
    ],
)
def test_signature_of_another_kind_proves_nothing(signature: str) -> None:
    assert not websub.is_signed(b"body", signature, ("s",))


def test_secrets_and_key_stand_in_no_repr() -> None:
    shown = repr(replace(ACTIVE, key="k3y", secrets=("s3cret",)))
    assert "k3y" not in shown
    assert "s3cret" not in shown


def test_hub_that_has_not_come_back_and_wrong_signatures_are_told() -> None:
    assert websub.remark(ASKED, NOW + MINUTES) is None
    assert "can it reach web.public_url?" in (websub.remark(ASKED, NOW + 2 * HOUR) or "")
    assert "did not bear our signature: 1" in (websub.remark(websub.ignored(ACTIVE), NOW) or "")
    assert websub.remark(PROVEN, NOW) is None
