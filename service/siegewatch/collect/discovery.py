"""Which hub a feed names, and under which address it is known there (WebSub section 4)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

from siegewatch.domain.subscription import Offer

ADDRESS_LIMIT = 2_000
"""Characters. A longer address of a hub or topic is none."""

_LINK = re.compile(r"""<([^<>]*+)>((?:\s*+;\s*+[^\s;,="<>]++(?:\s*+=\s*+(?:"(?:[^"\\]|\\.)*+"|[^\s;,"<>]*+))?+)*+)""")
_PARAMETER = re.compile(r"""([^\s;,="<>]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"<>]*+))""")


@dataclass(frozen=True, slots=True)
class Links:
    """What one place says: the hub, and the feed's own address."""

    hub: str | None = None
    topic: str | None = None


NO_LINKS = Links()


def chosen(links: Iterable[tuple[str, str]], base: str) -> Links:
    """The first usable hub and self among pairs of relation types and address, made absolute with `base`. One hub is
    enough: a publisher that names several notifies each."""
    found: dict[str, str] = {}
    for relations, address in links:
        absolute = _absolute(base, address)
        for relation in relations.lower().split():
            if absolute and relation in ("hub", "self"):
                found.setdefault(relation, absolute)
    return Links(found.get("hub"), found.get("self"))


def in_header(value: str | None, base: str) -> Links:
    """What a Link header says (RFC 8288), as it is or several of them joined by commas. Links that are about another
    document than this one are passed by."""
    return chosen(_links(value or ""), base)


def offer(header: Links, document: Links, url: str, *, may_tell: bool = True) -> Offer | None:
    """What is offered, None where no hub is named. The header wins; a feed that does not say its own address is known
    by the one that it was asked for under, if a stranger may be told that (`may_tell`)."""
    hub = header.hub or document.hub
    topic = header.topic or document.topic or (urldefrag(url).url if may_tell else None)
    return Offer(hub, topic) if hub and topic else None


def _links(value: str) -> Iterator[tuple[str, str]]:
    for address, parameters in _LINK.findall(value):
        named: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(parameters):
            named.setdefault(name.lower(), quoted or bare)
        if "anchor" not in named:
            yield named.get("rel", ""), address


def _absolute(base: str, address: str) -> str | None:
    try:
        absolute = urldefrag(urljoin(base, address.strip())).url
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and len(absolute) <= ADDRESS_LIMIT
    except ValueError:
        return None
    return absolute if address.strip() and usable and absolute.isprintable() and " " not in absolute else None
