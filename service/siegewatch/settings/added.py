"""Feeds added at run time: entries as in feeds.yaml, held to the same rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint

from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed, Written
from siegewatch.settings.document import Document, Path, Where
from siegewatch.settings.feeds import Address, FeedRules, address, read_feeds
from siegewatch.settings.interpolation import interpolate
from siegewatch.settings.load import Settings
from siegewatch.settings.plugins import installed


@dataclass(frozen=True, slots=True)
class EntryRules:
    """What entries are checked against: the settings in force, what is installed, and the variables they may name."""

    settings: Settings
    sources: Mapping[str, EntryPoint]
    environ: Mapping[str, str]


def entry_rules(settings: Settings, environ: Mapping[str, str]) -> EntryRules:
    """The rules of this moment."""
    return EntryRules(settings, installed().sources, environ)


def read_entry(
    written: Written, label: str, known: Mapping[Address, str], rules: EntryRules
) -> tuple[Feed | None, tuple[Fault, ...]]:
    """The feed that an entry means, or every fault; `label` names the entry where a file's name would stand.

    An address among those that are `known`, each with its feed's name, is a fault, as it is in feeds.yaml.
    """
    document, undefined = interpolate(_document(written, label), rules.environ)
    feeds, wrong, _ = read_feeds(document, _rules(label, rules))
    faults = (*undefined, *wrong, *(_twice(feed, label, known) for feed in feeds if address(feed.url) in known))
    return (None if faults else feeds[0]), faults


def _twice(feed: Feed, label: str, known: Mapping[Address, str]) -> Fault:
    return Fault(label, 0, f"its url is that of the feed {known[address(feed.url)]}", "keep one")


def _document(written: Written, label: str) -> Document:
    entry = {key: list(value) if isinstance(value, tuple) else value for key, value in written.items()}
    where: dict[Path, Where] = {
        ("feeds", 0, key): Where(label, 0, value if isinstance(value, str) else None) for key, value in entry.items()
    }
    return Document(label, {"feeds": [entry]}, where)


def _rules(label: str, rules: EntryRules) -> FeedRules:
    poll = rules.settings.poll
    hurried = Fault(label, 0, "poll.every is under 60 s, and this feed has no every of its own", "write 60s or more")
    return FeedRules(poll.every, hurried, rules.settings.network.allow, rules.sources)
