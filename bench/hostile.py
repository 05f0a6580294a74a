"""Makes documents that try to crash, hang or bloat a feed parser, each of about a size in bytes that you choose."""

import codecs
import json
from collections.abc import Callable, Iterator

HEAD = b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Hostile</title>'
TAIL = b"</channel></rss>"
ITEM = (
    b"<item><title>Convoy %d reaches the besieged town</title><link>https://example.org/news/%d</link><guid>n%d</guid>"
    b"<pubDate>Thu, 24 Feb 2022 05:00:00 GMT</pubDate><description><![CDATA[<p>Lorries with <b>flour</b> and "
    b'medicine passed the <a href="https://example.org/%d">last checkpoint</a> at dawn.</p>%b]]></description></item>'
)
ATOM = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Hostile</title>'


def feed(entries: int, filler: bytes = b"") -> bytes:
    """An honest feed, with `filler` in every description."""
    return HEAD + b"".join(ITEM % (at, at, at, at, filler) for at in range(entries)) + TAIL


def documents(size: int) -> Iterator[tuple[str, bytes]]:
    """Named documents of about `size` bytes; some need far fewer to do their worst."""
    for name, make in _MAKERS.items():
        yield name, make(size)


def document(name: str, size: int) -> bytes:
    """One of them."""
    return _MAKERS[name](size)


def honest(size: int) -> Iterator[tuple[str, bytes]]:
    """Large documents that mean no harm, of which the entries must be read."""
    yield "honest, 750 bytes each", feed(size // 750, b"<p>" + b"More of the report. " * 20 + b"</p>")
    yield "honest, 7.5 kB each", feed(size // 7_500, b"<p>" + b"<b>More</b> of the report. " * 260 + b"</p>")
    yield "honest, broken at the end", feed(size // 750, b"<p>" + b"More of the report. " * 20 + b"</p>")[:-40]
    yield "honest, an unknown entity each", feed(size // 330).replace(b"Convoy", b"Convoy&nbsp;&foo;")
    yield "honest, UTF-16", feed(size // 800).decode().replace("utf-8", "utf-16").encode("utf-16")
    yield "honest, JSON Feed", _json_items(size, '{"id":"n%d","title":"Convoy reaches the besieged town"}')


def cuts(step: int) -> Iterator[tuple[str, bytes]]:
    """A small feed cut at every `step`-th byte."""
    whole = feed(3)
    for at in range(0, len(whole), step):
        yield f"cut at byte {at}", whole[:at]


def charsets() -> Iterator[tuple[str, bytes]]:
    """A small feed in one encoding that declares another."""
    text = feed(2).decode().replace("besieged", "besiegéd — осада 包围")
    for true in (
        "utf-8",
        "utf-16",
        "utf-16-be",
        "utf-32",
        "cp1251",
        "gb18030",
        "shift_jis",
        "iso-2022-jp",
        "utf-7",
        "cp037",
    ):
        for told in (
            "utf-8",
            "utf-16",
            "ucs-4",
            "us-ascii",
            "iso-8859-1",
            "shift_jis",
            "no-such",
            "utf-7",
            "base64",
            "rot13",
        ):
            yield f"{true} declared as {told}", text.replace("utf-8", told).encode(true, "replace")


def _fill(part: bytes, size: int) -> bytes:
    return part * (size // len(part) + 1)


def _in_item(part: bytes, size: int, element: bytes = b"title") -> bytes:
    tag = element.split()[0]
    return HEAD + b"<item><%b>%b</%b></item>" % (element, _fill(part, size), tag) + ITEM % (1, 1, 1, 1, b"") + TAIL


def _json_items(size: int, item: str) -> bytes:
    count = size // len(item)
    text = ",".join(item % at if "%d" in item else item for at in range(count))
    return ('{"version":"https://jsonfeed.org/version/1.1","title":"Hostile","items":[' + text + "]}").encode()


def _attributes(size: int) -> bytes:
    return b" ".join(b'a%d="1"' % at for at in range(size // 12))


def _laughs(size: int) -> bytes:
    levels = b"".join(b'<!ENTITY l%d "%b">' % (at, b"&l%d;" % (at - 1) * 10) for at in range(1, 10))
    return b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">' + levels + b"]>" + _in_item(b"&l9;", size)[38:]


def _long_entity(size: int) -> bytes:
    entity = b'<?xml version="1.0"?>\n<!DOCTYPE feed [\n<!ENTITY big "' + b"A" * 60_000 + b'">\n]>\n'
    return entity + _in_item(b"&big;", size)[38:]


_MAKERS: dict[str, Callable[[int], bytes]] = {
    "nothing but tags": lambda n: HEAD + _fill(b"<a>", n),
    "nested deeply, closed": lambda n: HEAD + b"<a>" * (n // 7) + b"</a>" * (n // 7) + TAIL,
    "items in items": lambda n: HEAD + _fill(b"<item>", n),
    "empty items": lambda n: HEAD + _fill(b"<item/>", n) + TAIL,
    "tiny items": lambda n: HEAD + _fill(b"<item><title>x</title></item>", n) + TAIL,
    "items never closed": lambda n: HEAD + _fill(b"<item><title>x", n),
    "nested markup in a description": lambda n: _in_item(b"<div>", n, b"description"),
    "nested escaped markup": lambda n: _in_item(b"&lt;div&gt;", n, b"description"),
    "nested xhtml": lambda n: ATOM + b'<entry><content type="xhtml">' + _fill(b"<div>", n),
    "giant title": lambda n: _in_item(b"word ", n),
    "giant title of spaces": lambda n: _in_item(b" \n", n),
    "giant CDATA": lambda n: HEAD + b"<item><title><![CDATA[" + _fill(b"word ", n) + b"]]></title></item>" + TAIL,
    "giant CDATA of markup": lambda n: (
        HEAD + b"<item><title><![CDATA[" + _fill(b"<b>", n) + b"]]></title></item>" + TAIL
    ),
    "CDATA never closed": lambda n: HEAD + b"<item><title><![CDATA[" + _fill(b"word ", n),
    "many CDATA": lambda n: _in_item(b"<![CDATA[]]>", n),
    "giant comment": lambda n: HEAD + b"<!--" + _fill(b"word ", n) + b"-->" + feed(2)[len(HEAD) :],
    "many comments": lambda n: HEAD + _fill(b"<!---->", n) + feed(2)[len(HEAD) :],
    "comments never closed": lambda n: HEAD + _fill(b"<!--", n),
    "declarations": lambda n: HEAD + _fill(b"<!x", n),
    "processing instructions": lambda n: HEAD + _fill(b"<?x ", n),
    "open angles": lambda n: HEAD + _fill(b"<", n) + TAIL,
    "ampersands": lambda n: _in_item(b"&amp;", n),
    "bare ampersands": lambda n: _in_item(b"&a", n),
    "huge character reference": lambda n: _in_item(b"9", n).replace(b"<title>9", b"<title>&#9", 1),
    "impossible character references": lambda n: _in_item(b"&#99999999999;", n),
    "a million attributes": lambda n: HEAD + b"<item " + _attributes(n) + b"/>" + ITEM % (1, 1, 1, 1, b"") + TAIL,
    "attributes on the root": lambda n: b"<rss " + _attributes(n) + b">" + feed(2)[len(HEAD) :],
    "tags with many attributes": lambda n: (
        HEAD + _fill(b"<item><title " + _attributes(14_000) + b">x</title></item>", n)
    ),
    "namespaces": lambda n: b"<rss " + _fill(b'xmlns:a="u" ', n) + b">" + feed(2)[len(HEAD) :],
    "quotes never closed": lambda n: HEAD + _fill(b'<a "', n) + TAIL,
    "quotes in tags": lambda n: HEAD + _fill(b"<a b=\"c'd", n) + TAIL,
    "giant attribute": lambda n: (
        HEAD + b'<item><a b="' + _fill(b"x ", n) + b'"/></item>' + ITEM % (1, 1, 1, 1, b"") + TAIL
    ),
    "a name like an address": lambda n: _in_item(b"a.", n, b"author"),
    "many names like addresses": lambda n: HEAD + b"<item>" + _fill(b"<author>" + b"a" * 15_000 + b"</author>", n),
    "many categories": lambda n: HEAD + b"<item>" + b"".join(b"<category>%d</category>" % at for at in range(n // 25)),
    "giant date": lambda n: _in_item(b" 1-", n, b"pubDate"),
    "giant guid": lambda n: _in_item(b"x", n, b"guid"),
    "giant link": lambda n: _in_item(b"http://", n, b"link"),
    "base64": lambda n: b'<feed xmlns="http://purl.org/atom/ns#"><entry><content mode="base64">' + _fill(b"QUFB", n),
    "blank lines before a document type": lambda n: _fill(b"\n", n) + b"<!DOCTYPE rss>\n" + feed(1)[38:],
    "blank lines in the head": lambda n: (
        b'<?xml version="1.0"?>' + _fill(b"\n", n) + b"<!DOCTYPE rss>\n" + feed(1)[38:]
    ),
    "billion laughs": _laughs,
    "one long entity": _long_entity,
    "entity declarations": lambda n: b"<!DOCTYPE a [" + _fill(b'<!ENTITY a "b">\n', n) + b"]>" + feed(2)[38:],
    "NULs": lambda n: b"\x00" * n,
    "NULs in a title": lambda n: _in_item(b"\x00", n),
    "control characters": lambda n: _in_item(bytes(range(1, 9)), n),
    "surrogates in UTF-8": lambda n: _in_item(b"\xed\xa0\x80", n),
    "no UTF-8": lambda n: _in_item(b"\xff\xfe\xfd", n),
    "UTF-16 noise": lambda n: codecs.BOM_UTF16_LE + _fill(b"<\x00\xd8\x00", n),
    "UTF-32 tags": lambda n: codecs.BOM_UTF32_LE + ("<rss>" + "<a>" * (n // 12)).encode("utf-32-le"),
    "noise": lambda n: _fill(bytes(range(256)), n),
    "HTML": lambda n: b"<!DOCTYPE html><html><body>" + _fill(b"<p>word</p>", n),
    "JSON of empty items": lambda n: _json_items(n, "{}"),
    "JSON of numbers": lambda n: _json_items(n, "1"),
    "JSON nested deeply": lambda n: _json_items(n, "[").replace(b",", b""),
    "JSON with one giant item": lambda n: b'{"items":[{"x":[' + _fill(b"{},", n),
    "JSON with a giant title": lambda n: b'{"items":[{"title":"' + _fill(b"word ", n) + b'"}]}',
    "JSON with a giant number": lambda n: b'{"items":[{"id":' + _fill(b"9", n) + b"}]}",
    "JSON cut short": lambda n: _json_items(n, '{"id":"%d","title":"x"}')[:-7],
    "JSON string": lambda n: json.dumps("x" * n).encode(),
}
