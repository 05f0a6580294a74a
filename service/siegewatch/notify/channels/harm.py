"""What a request does that words of feeds must not do."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from siegewatch.domain.unseen import UNSEEN
from siegewatch.notify.channels.base import Capacity
from siegewatch.notify.channels.stand_in import Received

_PING = re.compile(r"<[!@]|@(?:everyone|here|channel|all)\b", re.IGNORECASE)
_UNSEEN = re.compile(f"[{UNSEEN}]")
_COLOURED = "\ufe0f"
"""What colours a sign, as one of ours."""


def harm(received: Received, made: object) -> str | None:
    """What is wrong with a request that carried hostile words; None where they have no power in it."""
    limit = getattr(made, "capacity", Capacity()).body_bytes
    if limit and len(received.body) > limit:
        return f"sends {len(received.body):,} bytes, over {limit:,}"
    try:
        texts = list(_texts(received))
    except (ValueError, ElementTree.ParseError, UnicodeError) as error:
        return f"sends a broken body: {error}"
    verbatim = getattr(made, "verbatim", False)
    for text in texts:
        if not verbatim and _PING.search(text):
            return "sends words that could ping"
        if not verbatim and _UNSEEN.search(text.replace(_COLOURED, "")):
            return "sends unseen characters"
    return None


def _texts(received: Received) -> Iterator[str]:
    """Every text of a JSON or XML document; of another kind, the whole."""
    kind = received.headers.get("content-type", "")
    if "json" in kind:
        yield from _strings(json.loads(received.body))
    elif "xml" in kind:
        yield from ElementTree.fromstring(received.body).itertext()  # noqa: S314 - our own channel wrote it
    else:
        yield received.body.decode()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
