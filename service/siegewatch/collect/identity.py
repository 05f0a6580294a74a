"""What makes two entries the same one, and what makes their wording the same. Pure; nothing here ever raises."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from unicodedata import normalize
from urllib.parse import SplitResult, urlsplit

from siegewatch.domain.item import Entry

_DIGEST_BYTES = 8
"""Two of ten million items meet with a chance of three in a million."""

KEY_BYTES = 4
"""Of a key, which is compared within one document alone."""

# Parameters that tell who sent a reader and never what is read. From the documents of Google, Meta, Microsoft, X,
# Matomo, HubSpot, Mailchimp and Marketo, and from the feeds of BBC, Al Jazeera, DW, Guardian, NYT, Reuters and CNN.
_TRACKING = re.compile(
    r"(?:utm|at|mtm|matomo|pk|piwik|ns|mc|hsa|oly|vero|itm|stm|guce|trk|ga|fb_action|fb_source)_.*|_hs.*|wt\..*|"
    r"(?:fb|g|d|y|ys|tw|tt|ms)clid|gclsrc|[gw]braid|igsh(?:id)?|li_fat_id|mkt_tok|_ga|_gl|spm|scm|guccounter|"
    r"ocid|cmpid|cmp|cmp_id|icid|intcid|xtor|smid|smtyp|maca|traffic_source|feedtype|feedname|rpc|ito|ftag|taid|srnd|"
    r"sref|mbid|ref_(?:src|url|source|medium)|twsrc|__twitter_impression|hsctatracking|s_cid|cm_mmc|mkwid|"
    r"sc_(?:campaign|channel|medium)|soc_(?:src|trk)|"
    # Names that others use for content, so only with a value that is a sender.
    r"(?:ref|source|src|from|via|partner|emc|referrer|feature|campaign)="
    r"(?:rss|rssfeed|feeds?|atom|twitter|facebook|fb|linkedin|telegram|whatsapp|email)",
)
# Nothing in it to normalize: most addresses of articles, and taking one apart costs more than all else here.
_PLAIN = re.compile(r"https?://([a-z0-9.-]*[a-z0-9])(/[\w./~%+:@,-]*)?", re.ASCII)
_ROUTE = re.compile(r"[!/]")
_UNSEEN = re.compile(r"[\x00-\x20\x7f]+")
_DEFAULT_PORTS = (None, 80, 443)


@lru_cache(maxsize=1_024)
def canonical_link(url: str) -> str | None:
    """One form for all addresses of the same page, or None where `url` is no web address.

    Scheme (always https), host in lower case, default port, empty path, known tracking parameters and fragment are
    normalized (RFC 3986 section 6.2); a fragment that is a route (`#/…`, `#!…`) stays, as do the order of parameters
    and a trailing slash. The result is a key to compare, not an address to fetch.
    """
    url = _UNSEEN.sub("", url)
    if plain := _PLAIN.fullmatch(url):
        return f"https://{plain[1]}{plain[2] or '/'}"
    if not url[:8].lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    host = f"[{host}]" if ":" in host else host  # IPv6
    place = host if port in _DEFAULT_PORTS else f"{host}:{port}"
    return f"https://{place}{parts.path or '/'}{_kept_query(parts)}{_kept_fragment(parts)}"


Keys = tuple[bytes | None, bytes | None]
"""Digests of what an entry may be known by: guid and link."""


def keys_of(entry: Entry) -> Keys:
    """The keys of an entry, as far as it has them."""
    return _key(_canonical_guid(entry.guid)), _key(canonical_link(entry.link or ""))


def trusted(entries: Sequence[Entry], beside: Sequence[Keys] = ()) -> list[tuple[bool, bool]]:
    """Which of guid and link of each entry can identify it, judged by the document they stand in, `beside` entries with
    these keys.

    A guid that entries with different links share is none, and so is a link that entries with different guids share;
    entries of which none has a guid may share a link, as wordings of one.
    """
    own = [keys_of(entry) for entry in entries]
    guids, links = zip(*own, *beside, strict=True) if own else ((), ())
    links_of, guids_of = _partners(guids, links), _partners(links, guids)
    return [
        (guid is not None and len(links_of[guid]) == 1, link is not None and len(guids_of[link]) == 1)
        for guid, link in own
    ]


def identities(feed_id: str, entry: Entry, *, trust_guid: bool, trust_link: bool) -> tuple[str, ...]:
    """Digests (16 hex digits) by which the entry is known again: of its guid within the feed and of its link anywhere;
    without either, of title and date within the feed. Never empty."""
    found = []
    guid = _canonical_guid(entry.guid) if trust_guid else None
    link = canonical_link(entry.link or "") if trust_link else None
    if guid is not None:
        found.append(_digest("guid", feed_id, guid))
    if link is not None:
        found.append(_digest("link", link))
    if not found:
        date = entry.published_at.isoformat() if entry.published_at else ""
        found.append(_digest("title", feed_id, _folded(entry.title), date))
    return tuple(found)


def wording(entry: Entry) -> str:
    """A digest (16 hex digits) of title and summary: equal whatever their Unicode form and white space, different
    with any other character."""
    return _digest("wording", _folded(entry.title), _folded(entry.summary))


def _partners(keys: Iterable[bytes | None], partners: Iterable[bytes | None]) -> dict[Hashable, set[bytes | None]]:
    found: defaultdict[Hashable, set[bytes | None]] = defaultdict(set)
    for key, partner in zip(keys, partners, strict=True):
        found[key].add(partner)
    return found


def _key(text: str | None) -> bytes | None:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest() if text else None


def _canonical_guid(guid: str | None) -> str | None:
    """A guid that is an address gathers tracking parameters as links do."""
    return (canonical_link(guid) or guid) if guid else None


def _kept_query(parts: SplitResult) -> str:
    kept = [pair for pair in parts.query.split("&") if pair and not _is_tracking(pair)]
    return "?" + "&".join(kept) if kept else ""


def _is_tracking(pair: str) -> bool:
    pair = pair.lower()
    return any(_TRACKING.fullmatch(text) for text in (pair, pair.partition("=")[0]))


def _kept_fragment(parts: SplitResult) -> str:
    return f"#{parts.fragment}" if _ROUTE.match(parts.fragment) else ""


def _folded(text: str) -> str:
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(normalize("NFC", text).split())


def _digest(*parts: str) -> str:
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()
