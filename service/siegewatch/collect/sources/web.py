"""What sources over HTTP share: one conditional request, and a reading from what a parser said of the answer."""

from dataclasses import replace
from datetime import datetime

from siegewatch.collect.fetch import ACCEPT, fetch
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.domain.feed import Feed, Validators
from siegewatch.net.door import Answer
from siegewatch.net.redact import redact_url


def request(
    tools: Tools, feed: Feed, validators: Validators, now: datetime, *, accept: str = ACCEPT
) -> tuple[Reading, Answer | None]:
    """Asks for the feed's address once. The answer is there where it holds something to read; else the reading says
    all there is to say: unchanged, or what is wrong."""
    fetched = fetch(tools.door, feed, validators, tools.limits, now, read_anew=tools.read_anew, accept=accept)
    reading = Reading(
        validators=fetched.validators,
        status=fetched.status,
        problem=fetched.problem,
        unchanged=fetched.unchanged,
        reached=fetched.reached,
        after_seconds=fetched.after_seconds,
    )
    return reading, None if fetched.unchanged else fetched.answer


def completed(reading: Reading, answer: Answer, parsed: Parsed) -> Reading:
    """The reading with what was parsed of the answer."""
    moved = f"moved for good to {redact_url(answer.moved_to)}" if answer.moved_to else None
    remark = "; ".join(filter(None, (parsed.remark, moved))) or None
    if parsed.problem:
        # What could not be read must be read again: its validators would only bring a 304.
        return replace(reading, problem=parsed.problem, remark=remark, validators=Validators())
    return replace(reading, entries=parsed.entries, title=parsed.title, remark=remark, format=parsed.format)
