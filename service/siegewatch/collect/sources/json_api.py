"""The source that reads a JSON API, as its options describe it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import ClassVar

from siegewatch.collect.jsonapi import PARTS
from siegewatch.collect.jsonpaths import read_path, read_template
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.web import read_web
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.messages import Answer

ACCEPT = "application/json, */*;q=0.1"
_PATH = "write keys with dots, [n] and [*], such as data.articles[0].title"
_TEMPLATE = "write https://host/{path}, or the path of a whole address"


@dataclass(frozen=True, slots=True)
class JsonSource:
    """Fetches one document, and has the items that the options lead to read in a process of its own."""

    tools: Tools
    options: ClassVar[tuple[str, ...]] = ("items", *PARTS)

    @staticmethod
    def check(feed: Feed) -> Sequence[str]:
        """Faults of the paths."""
        missing = [] if "title" in feed.options else [f"options.title is missing, {_PATH}"]
        return [*missing, *(fault for name, text in feed.options.items() for fault in _faults(name, text))]

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the API once; whatever goes wrong stands in the reading."""
        layout = dict(feed.options)
        state = blake2b(repr(sorted(layout.items())).encode(), digest_size=8).hexdigest()
        # What was read with other paths must be read anew, whether it has changed or not.
        held = validators if validators.state == state else validators.blank()
        tools = self.tools

        def parse(answer: Answer) -> Parsed:
            return tools.parsers.parse(answer.body, None, answer.url, tools.max_entries, now, layout)

        reading = read_web(tools, feed, held, now, parse, accept=ACCEPT)
        return replace(reading, validators=replace(reading.validators, state=state))


def _faults(name: str, text: str) -> Iterator[str]:
    if not text.strip():
        yield f"options.{name} is empty, {_PATH}"
    elif name == "link" and ("{" in text or "://" in text):
        if not _is(text, read_template) or not text.startswith(("http://", "https://")):
            yield f"options.{name} is no address with a {{path}}, {_TEMPLATE}"
    elif not _is(text, read_path):
        yield f"options.{name} is no path, {_PATH}"


def _is(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
