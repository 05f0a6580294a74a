"""The source that reads RSS, RDF, Atom and JSON Feed documents over HTTP."""

from dataclasses import dataclass
from datetime import datetime

from siegewatch.collect.fetch import first_ask
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.web import inquiry_of, read_web
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.messages import Answer, Ask, Way


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Fetches one document, and has it parsed in a process of its own. A web page that names one feed is read through
    to it."""

    tools: Tools

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the feed once; whatever goes wrong stands in the reading."""
        return self.hear(feed, validators, now, self.tools.door)

    def ask(self, feed: Feed, validators: Validators, now: datetime) -> Ask:
        """The request that a poll begins with."""
        return first_ask(inquiry_of(self.tools, feed, now), validators)

    def hear(self, feed: Feed, validators: Validators, now: datetime, door: Way) -> Reading:
        """Polls the feed once by `door`."""
        tools = self.tools

        def parse(answer: Answer) -> Parsed:
            kind = answer.headers.get("Content-Type")
            return tools.parsers.parse(answer.body, kind, answer.url, tools.max_entries, now, known=known)

        known = inquiry_of(tools, feed, now).held(validators).marks
        return read_web(tools, feed, validators, now, parse, door=door)
