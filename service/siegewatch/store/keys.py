"""Every key siegewatch writes, its type and its lifetime, in one table; nothing else spells a key."""

from dataclasses import dataclass
from datetime import timedelta

SCHEMA = 2
"""Number of the layout below. A store with a higher number was written by a newer siegewatch."""

STORY_LIFE = timedelta(days=90)
ALERT_LIFE = timedelta(days=90)
DELIVERY_LIFE = timedelta(days=30)
ITEM_LIFE = timedelta(days=7)
FEED_LIFE = timedelta(days=90)
SILENCE_LIFE = timedelta(days=30)
"""After its end."""
FEEDBACK_LIFE = timedelta(days=400)
"""Answers are few, and worth more each year: they show whether alerts get better."""

RECENT_KEPT = 10_000
"""Members kept in each listing of the newest things."""

REPORTS_KEPT = 32
"""Items kept for each word that reports are found by: a word that more hold of late tells them apart no more."""

DEAD_KEPT = 1_000
"""Entries kept in each stream of poison input."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One row of the table: `name` holds `{…}` where a key has a part that varies."""

    name: str
    type: str
    lifetime: str
    holds: str


_AFTER_SERVED = "remember_days after last served"

TABLE: tuple[KeyRow, ...] = (
    KeyRow("schema", "string", "for ever", "the number of this layout"),
    KeyRow("ping", "string", "a minute", "that the store takes writes"),
    KeyRow("feeds:due", "zset", "for ever, a member a feed", "when each feed is due, or its claim runs out (ms)"),
    KeyRow("feeds:claims", "hash", "as long as claimed", "feed -> token of the worker that polls it"),
    KeyRow("feeds:lanes", "hash", "while configured", "feed -> lane: whose servers it is on"),
    KeyRow("lanes:busy", "zset", "seconds", "lanes asked at this moment, or a second ago, until when (ms)"),
    KeyRow("lanes:turns", "zset", "until that turn", "lane -> the last turn given to a feed that has to wait (ms)"),
    KeyRow("feeds:added", "hash", "until removed", "id -> a feed added at run time, as it was written"),
    KeyRow("feeds:paused", "hash", "until resumed", "feed -> since when, by whom and why it is not polled"),
    KeyRow("feed:{id}", "string", "90 days after the last poll", "validators and health of a feed"),
    KeyRow("subscription:{feed}", "string", "90 days after the last change", "what is agreed with the hub of a feed"),
    KeyRow("pushes", "stream", "until read, at most 100", "documents that hubs pushed, for group collect"),
    KeyRow("seen:{bucket}", "hash", _AFTER_SERVED, "identity of an item -> day, root id or first wording"),
    KeyRow("said:{root}", "set", _AFTER_SERVED, "digests of the further wordings of an item"),
    KeyRow("items", "stream", "until decided", "items admitted, for group detect"),
    KeyRow("items:dead", "stream", "newest 1,000", "items that could not be decided, with the reason"),
    KeyRow("items:recent", "zset", "newest 10,000", "ids of items by when they were decided (ms)"),
    KeyRow("reports", "stream", "7 days", "records: an item, its events and what became of it"),
    KeyRow("records:{bucket}", "hash", "7 days, each member", "root id or edit -> places of its records in reports"),
    KeyRow("headline:{bucket}", "hash", "remember_days, each member", "folded headline -> who said it first, and when"),
    KeyRow("holders:{word}", "string", "7 days after the last item", "places of the newest 32 records with the word"),
    KeyRow("tails:{feed}", "hash", "remember_days after the last item", "how often headlines of a feed end so"),
    KeyRow("facts:{root}", "set", "remember_days", "what the wordings of an item have claimed"),
    KeyRow("story:{id}", "hash", "90 days after the last change", "version and state of a story"),
    KeyRow("story:at:{key}", "string", "90 days after the last change", "place or front -> id of its story"),
    KeyRow("stories:recent", "zset", "newest 10,000", "ids of stories by last change (ms)"),
    KeyRow("changes", "stream", "until decided", "changes of stories and troubles, for group notify"),
    KeyRow("changes:dead", "stream", "newest 1,000", "changes that could not be told, with the reason"),
    KeyRow("told:{story}", "set", "90 days after the last alert", "channels that a story was told on"),
    KeyRow("alert:{id}", "string", "90 days", "an alert as decided"),
    KeyRow("alerts:recent", "zset", "newest 10,000", "ids of alerts by time (ms)"),
    KeyRow("feedback:{alert}", "hash", "400 days after the last answer", "an alert as told, and what was said of it"),
    KeyRow("feedback:recent", "zset", "newest 10,000", "ids of alerts by the last answer (ms)"),
    KeyRow("ops:{id}", "string", "90 days", "an ops alert as told"),
    KeyRow("ops:recent", "zset", "newest 10,000", "ids of ops alerts by time (ms)"),
    KeyRow("silences", "zset", "30 days after their end", "ids of silences by their end (ms)"),
    KeyRow("silence:{id}", "string", "30 days after its end", "a silence: matchers, who, why, until when"),
    KeyRow("inhibits:{mark}", "string", "`within` of its rule", "the alert told last that holds others back, and when"),
    KeyRow("troubles", "hash", "until cleared", "subject:name -> the trouble that was raised"),
    KeyRow("signs", "hash", "for ever", "signs of life: the day of the last daily one, the canary sent last"),
    KeyRow("delivery:{id}", "string", "30 days, pending ones for ever", "a delivery and its attempts"),
    KeyRow("deliveries:recent", "zset", "newest 10,000", "ids of deliveries by time (ms)"),
    KeyRow("deliveries:dead", "zset", "newest 10,000", "ids of dead letters by time (ms)"),
    KeyRow("due:{channel}", "zset", "as long as pending", "when each delivery is due, or its claim runs out (ms)"),
    KeyRow(
        "gathering:{channel}", "zset", "as long as pending", "when each delivery is due to be told in a digest (ms)"
    ),
    KeyRow("line:{channel}:{line}", "list", "as long as pending", "deliveries of one story or trouble in their order"),
    KeyRow("unsure:{channel}", "set", "as long as pending", "deliveries that the channel may have taken"),
    KeyRow("standing:{channel}", "hash", "for ever, one a channel", "how a channel answers, and when it may be asked"),
    KeyRow(
        "thread:{channel}:{story}", "string", "90 days", "where a channel was first told of a story, by which alert"
    ),
    KeyRow("digest:{id}", "string", "90 days", "a digest as told"),
    KeyRow("claims:{channel}", "hash", "as long as claimed", "delivery -> token of the worker that sends it"),
    KeyRow("channels", "set", "for ever, one name a channel", "channels that ever had a delivery to wait for"),
    KeyRow("channels:off", "hash", "until `channels test` is accepted", "channel -> why it asked for no more"),
    KeyRow("alive:{role}", "hash", "a day after the last beat", "process -> when it last lived, and its fitness"),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """Spells the keys of the table under one prefix."""

    prefix: str

    def __call__(self, name: str, **parts: str) -> str:
        """The full key for a row's name, such as `keys("feed:{id}", id="a1")`."""
        return self.prefix + name.format(**parts)
