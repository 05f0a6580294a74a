"""The source that reads RSS, RDF, Atom and JSON Feed documents over HTTP."""

from dataclasses import dataclass, replace
from datetime import datetime

from siegewatch.collect.discovery import in_header, offer
from siegewatch.collect.fetch import fetch
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Answer
from siegewatch.net.redact import redact_url


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Fetches one document, and has it parsed in a process of its own."""

    tools: Tools

    def read(self, feed: Feed, validators: Validators, now: datetime) -> Reading:
        """Polls the feed once; whatever goes wrong stands in the reading."""
        tools = self.tools
        fetched = fetch(tools.door, feed, validators, tools.limits, now, read_anew=tools.read_anew)
        reading = Reading(
            validators=fetched.validators,
            status=fetched.status,
            problem=fetched.problem,
            unchanged=fetched.unchanged,
            reached=fetched.reached,
            after_seconds=fetched.after_seconds,
        )
        if fetched.unchanged or fetched.answer is None:
            return reading
        return self._parsed(reading, fetched.answer, now)

    def _parsed(self, reading: Reading, answer: Answer, now: datetime) -> Reading:
        parsed = self.tools.parsers.parse(
            answer.body, answer.headers.get("Content-Type"), answer.url, self.tools.max_entries, now
        )
        moved = f"moved for good to {redact_url(answer.moved_to)}" if answer.moved_to else None
        remark = "; ".join(filter(None, (parsed.remark, moved))) or None
        if parsed.problem:
            # What could not be read must be read again: its validators would only bring a 304.
            return replace(reading, problem=parsed.problem, remark=remark, validators=Validators())
        links = in_header(answer.headers.get("Link"), answer.url)
        return replace(
            reading,
            entries=parsed.entries,
            title=parsed.title,
            remark=remark,
            format=parsed.format,
            offer=offer(links, parsed.links, answer.url),
        )
