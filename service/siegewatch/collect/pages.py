"""The feeds that a web page names in its head, as browsers and feed readers find them (RSS Board, autodiscovery)."""

import html
import re
from urllib.parse import urljoin, urlsplit

MOST_FEEDS = 20
LOOKED_AT_BYTES = 512 * 1024
"""How much of a page is searched: heads swollen by inline styles and scripts included."""

_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_LONGEST_ADDRESS = 2_048
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"""<(link|base)(?=[\s/])((?:"[^"<]*"|'[^'<]*'|[^<>"'])*+)>""", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20}+)\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>]++))""")


def feeds_of(page: bytes, url: str) -> tuple[str, ...]:
    """The addresses of the feeds that an HTML page, which came from `url`, offers; each once, in its order."""
    text = _HIDDEN.sub(" ", page[:LOOKED_AT_BYTES].decode("utf-8", "replace"))
    base, found = url, []
    for tag in _TAG.finditer(text):
        known = _attributes(tag[2])
        if tag[1].lower() == "base":
            base = _joined(url, known.get("href", "")) or base
        elif _offers_feed(known):
            found.append(_joined(base, known.get("href", "")))
    return tuple(dict.fromkeys(filter(None, found)))[:MOST_FEEDS]


def _attributes(inside: str) -> dict[str, str]:
    pairs = ((found[1].lower(), found[2] or found[3] or found[4] or "") for found in _ATTRIBUTE.finditer(inside))
    # Longer ones are no addresses, and html.unescape hands any run of digits to int(), which refuses 4,300 of them.
    return {name: html.unescape(value).strip() for name, value in pairs if len(value) <= _LONGEST_ADDRESS}


def _offers_feed(known: dict[str, str]) -> bool:
    kind = known.get("type", "").partition(";")[0].strip().lower()
    return kind in _TYPES and "alternate" in known.get("rel", "").lower().split()


def _joined(base: str, address: str) -> str | None:
    """Where `address` leads from `base`; None unless that is the web."""
    if not address:
        return None
    try:
        joined = urljoin(base, "".join(address.split()))
        parts = urlsplit(joined)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    # A user and password in a page's link are the page's words, not the operator's.
    return joined.partition("#")[0] if is_web and parts.username is None else None
