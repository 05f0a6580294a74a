"""What feedparser calls the elements of a feed, and which of them mean something to us."""

from xml.etree.ElementTree import Element

from feedparser.mixin import _FeedParserMixin as Reference

_NAMESPACES = {address.lower(): prefix for address, prefix in Reference.namespaces.items()}
_USUAL = frozenset(_NAMESPACES.values())
_HANDLED = frozenset(name.removeprefix("_start_") for name in dir(Reference) if name.startswith("_start_"))

# Elements by feedparser's names for them. What it has no handler for, or one that touches nothing we read, is harmless.
DATES = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), 0),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), 1),
    **dict.fromkeys(("created", "dcterms_created"), 2),
}
SUMMARIES = {
    **dict.fromkeys(("description", "dc_description", "media_description"), "text/html"),
    **dict.fromkeys(("summary", "itunes_summary"), "text/plain"),
}
CONTENTS = {"content_encoded": "text/html", "content": "text/plain"}
_HARMLESS = frozenset(
    {
        "author", "category", "cc_license", "cloud", "contributor", "copyright", "dc_author", "dc_contributor",
        "dc_creator", "dc_language", "dc_publisher", "dc_rights", "dc_subject", "dcterms_valid", "email", "enclosure",
        "expirationdate", "generator", "georss_box", "georss_line", "georss_point", "georss_polygon", "height",
        "homepage", "info", "itunes_author", "itunes_category", "itunes_email", "itunes_image", "itunes_name",
        "itunes_owner", "itunes_subtitle", "keywords", "language", "managingeditor", "media_category", "media_content",
        "media_credit", "media_group", "media_license", "media_player", "media_rating", "media_restriction",
        "media_thumbnail", "name", "rights", "subtitle", "tagline", "tags", "uri", "url", "webmaster", "width"
    }
)  # fmt: skip
_ALIASES = frozenset(
    {
        "channel", "items", "date", "date_parsed", "issued_parsed", "modified_parsed", "published_parsed",
        "updated_parsed", "created_parsed", "title_detail", "summary_detail", "entries", "links"
    }
)  # fmt: skip
"""No elements of feeds, but were there one of these names, feedparser would take it for what it made itself."""
DOUBTFUL = (_HANDLED - _HARMLESS) | _ALIASES
AROUND_ENTRIES = frozenset((*DATES, "guid", "id", "description", "feedburner_browserfriendly"))
"""What means something in an entry, but nothing in the feed around it."""
IN_IMAGES = frozenset(("title", "link", "description", "url", "width", "height", "name"))

_MARKING = {
    "http://purl.org/rss/1.0/": "rss10",
    "http://my.netscape.com/rdf/simple/0.9/": "rss090",
    "http://www.w3.org/2005/atom": "atom10",
}


class Doubt(Exception):
    """Something that feedparser may read in another way."""


class Names:
    """feedparser's names for the elements of a document in which these prefixes stand for these namespaces."""

    def __init__(self, declared: list[tuple[str, str]]) -> None:
        self.marks = [mark for _, address in declared if (mark := _MARKING.get(address.lower()))]
        self._prefixes: dict[str, str] = {}
        self._known: dict[str, str] = {}
        addresses: dict[str, str] = {}
        for prefix, address in declared:
            if not prefix:
                continue
            misused = prefix in _USUAL and _usual(address) not in (None, prefix)
            if misused or addresses.setdefault(prefix, address) != address:
                raise Doubt
            self._prefixes.setdefault(address, prefix)

    def __call__(self, element: Element) -> str:
        tag = element.tag
        return self._known.get(tag) or self._known.setdefault(tag, self._name(tag))

    def _name(self, tag: str) -> str:
        address, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        usual = _usual(address)
        prefix = self._prefixes.get(address, "") if usual is None else usual
        return f"{prefix}_{name}".lower() if prefix else name.lower()


def _usual(address: str) -> str | None:
    """feedparser's prefix for the elements of a namespace, None where it does not know it."""
    address = address.lower()
    return "" if "backend.userland.com/rss" in address else _NAMESPACES.get(address)
