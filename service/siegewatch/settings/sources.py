"""What the sources that feeds name say of addresses and options, asked before any feed is read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from urllib.parse import urlsplit

from siegewatch.domain.errors import Fault
from siegewatch.domain.feed import Feed
from siegewatch.settings.complaints import meant, quoted
from siegewatch.settings.document import Document, Path, shown_key

LOCAL = "file"
"""The scheme of what lies on this host: its addresses have no host and trouble nobody, however often they are read."""

_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """What a source takes: addresses of these schemes, options of these names, and what else it asks of a feed."""

    schemes: tuple[str, ...]
    options: tuple[str, ...]
    check: Callable[[Feed], Sequence[str]]


def source_terms(point: EntryPoint) -> SourceTerms:
    """What an installed source takes. Raises ImportError or AttributeError where there is no such class."""
    return terms_of(point.load())


def terms_of(made: object) -> SourceTerms:
    """What the class says of itself; one that says nothing takes web addresses and no options."""
    return SourceTerms(
        getattr(made, "schemes", _WEB), getattr(made, "options", ()), getattr(made, "check", _without_complaint)
    )


def source_faults(document: Document, feeds: Mapping[Path, Feed], sources: Mapping[str, EntryPoint]) -> Iterator[Fault]:
    """What is wrong with feeds in the eyes of their sources, and sources that are not there or not fit."""
    for path, feed in feeds.items():
        where = (*path, "source")
        if feed.source not in sources:
            what = f"source{quoted(document, where)} is not installed"
            yield document.fault(where, what, meant(feed.source, sources))
            continue
        try:
            terms = source_terms(sources[feed.source])
        except (ImportError, AttributeError) as error:
            what = f"source{quoted(document, where)} cannot be imported ({error})"
            yield document.fault(where, what, "install its package anew, or name another source")
            continue
        if not any(known[: len(path)] == path for known in document.faulty):
            yield from (placed(document, path, key, told) for key, told in misfits(feed, terms))


def misfits(feed: Feed, terms: SourceTerms) -> Iterator[tuple[str, str]]:
    """What its source finds wrong with a feed: the key, as `options.pattern`, and the fault in words. No value is
    told: options and addresses may be secret."""
    if not fits(feed.url, terms.schemes):
        scheme = terms.schemes[-1]
        usual = "file:///path, with %20 for a space" if scheme == LOCAL else f"{scheme}://host/path"
        yield "url", f"url is no {' or '.join(terms.schemes)} address, write {usual}"
        return
    unknown = [name for name in feed.options if name not in terms.options]
    none = "" if terms.options else f"remove it: source {feed.source} takes no options"
    for name in unknown:
        yield f"options.{name}", f"unknown key {shown_key(name)}, {meant(name, terms.options, none)}"
    if not unknown:
        yield from ((told.partition(" ")[0], told) for told in terms.check(feed))


def _without_complaint(_: Feed) -> Sequence[str]:
    return ()


def fits(url: str, schemes: tuple[str, ...]) -> bool:
    """Whether it is an absolute address of one of the schemes, with a host, unless it lies on this one."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    if parts.scheme not in schemes or any(mark.isspace() for mark in url):
        return False
    if parts.scheme == LOCAL:
        return not parts.netloc and parts.path.startswith("/") and not (parts.query or parts.fragment)
    return has_host


def placed(document: Document, path: Path, key: str, told: str) -> Fault:
    """A fault on the line of the key that it begins with."""
    what, _, instead = told.partition(", ")
    return document.fault((*path, *key.split(".")), what, instead or "look it up where the source is documented")
