"""What deliveries would have told one by one, gathered into a digest."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery
from siegewatch.domain.digest import OPS, Digest, Entry, Gathered
from siegewatch.domain.ops import SIGNS, OpsAlert, OpsType
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.links import web_link
from siegewatch.notify.render import gravest_first, sentence, subject_line, where
from siegewatch.notify.text import clean

_ORDER = [*Severity, OPS]

Told = Alert | OpsAlert | Digest
Load = Callable[[str], Told | None]


def digest_of(why: Gathered, channel: str, deliveries: Sequence[Delivery], load: Load) -> Digest:
    """The digest that tells what these deliveries would have told, those that were digests themselves with all they
    hold."""
    entries = ordered(entry for one in deliveries for entry in _entries(load(one.alert)))
    identity = "\n".join([channel, *sorted(one.id for one in deliveries)]).encode()
    times = [entry.at for entry in entries] or [one.created_at for one in deliveries]
    return Digest(blake2b(identity, digest_size=8).hexdigest(), why, min(times), max(times), entries)


def ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The gravest first, of equals the newest."""
    newest = sorted(entries, key=lambda entry: entry.at, reverse=True)
    return tuple(sorted(newest, key=lambda entry: _ORDER.index(entry.severity)))


def _entries(told: Told | None) -> tuple[Entry, ...]:
    if isinstance(told, Digest):
        return told.entries
    if isinstance(told, OpsAlert):
        is_over = told.type is OpsType.CLEARED
        ended = "over: " if is_over and told.trouble.name not in SIGNS else ""
        said = f"{ended}{subject_line(told.trouble)}: {clean(told.trouble.reason)}"
        return (Entry(told.id, OPS, told.at, "", said, "", is_over=is_over),)
    if told is None:
        return ()
    place = where(gravest_first(told)[0])
    outlet = clean(told.item.outlet or told.item.feed or "")
    link = web_link(told.item.link)
    return (Entry(told.id, told.severity, told.at, place, sentence(told), outlet, told.story.id, link),)
