"""The source that reads RSS, RDF, Atom and JSON Feed documents over HTTP."""

from dataclasses import dataclass
from datetime import datetime

from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.collect.sources.web import completed, request
from siegewatch.domain.feed import Feed, Validators


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Fetches one document, and has it parsed in a process of its own."""

    tools: Tools

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the feed once; whatever goes wrong stands in the reading."""
        reading, answer = request(self.tools, feed, validators, now)
        if answer is None:
            return reading
        kind = answer.headers.get("Content-Type")
        parsed = self.tools.parsers.parse(answer.body, kind, answer.url, self.tools.max_entries, now)
        return completed(reading, answer, parsed)
