"""What feedparser's own ladder of encodings (header, declaration, UTF-8, windows-1252) reads wrongly, as UTF-8.

Above it stands the byte order mark, which is part of the document where a header is often a server's default; below it
a document that says UTF-8, or nothing, and is something else: one stray byte would have all of it read as windows-1252.
"""

import codecs
import re

from charset_normalizer import from_bytes

LOOKED_AT_BYTES = 16 * 1024
"""How much of a document is looked at to tell what it is."""

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,150}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_MARKUP = re.compile(rb"<[^<>]*>")
_ANY_SCRIPT = re.compile(rb"[\x80-\xff]")
_LETTER = re.compile(rb"[a-zA-Z\x80-\xff]")
_OTHER_SCRIPTS = ["cp1251", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1256", "cp1253", "cp1255"]
"""What is guessed, and only for a document that is mostly not in Latin letters: those are windows-1252 to feedparser,
which is right more often than any guess."""


def mended(body: bytes, content_type: str | None) -> bytes | None:
    """The document as UTF-8 without its declaration, where it is to be read otherwise than it says; None of others."""
    if body.startswith(codecs.BOM_UTF8):
        return _as_utf8(body[len(codecs.BOM_UTF8) :], "utf-8")
    if body.isascii() or not _says_utf8(body, content_type):
        return None
    try:
        body.decode()
    except UnicodeDecodeError:
        encoding = "utf-8" if _is_mostly_utf8(body) else _guessed(body)
        return _as_utf8(body, encoding) if encoding else None
    return None


def _says_utf8(body: bytes, content_type: str | None) -> bool:
    """Whether header or declaration say UTF-8, or neither says anything."""
    named = _CHARSET.search(content_type or "")
    declared = _DECLARED.match(body)
    said = named[1] if named else declared[1].decode("ascii", "replace") if declared else "utf-8"
    return said.lower() in ("utf-8", "utf8", "us-ascii", "ascii")


def _is_mostly_utf8(body: bytes) -> bool:
    """Whether of what is not ASCII at least half is UTF-8; bytes of other encodings hardly ever are."""
    text = body[:LOOKED_AT_BYTES].decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(not character.isascii() for character in text) >= 2 * bad


def _guessed(body: bytes) -> str | None:
    words = _IN_MARKUP.sub(b" ", body[:LOOKED_AT_BYTES])
    if 2 * len(_ANY_SCRIPT.findall(words)) < len(_LETTER.findall(words)):
        return None
    best = from_bytes(words, cp_isolation=_OTHER_SCRIPTS).best()
    return best.encoding if best else None


def _as_utf8(body: bytes, encoding: str) -> bytes:
    return _DECLARATION.sub("", body.decode(encoding, "replace"), count=1).encode("utf-8", "replace")
