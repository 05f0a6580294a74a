"""What sources over HTTP share: conditional requests for a feed where it is, and a reading of what comes back."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from siegewatch.collect.bot_walls import wall_of, wall_problem
from siegewatch.collect.delta import beside, unpacked
from siegewatch.collect.discovery import in_header, offer
from siegewatch.collect.fetch import ACCEPT, Fetched, Inquiry, ask, fetch
from siegewatch.collect.parsed import Parsed
from siegewatch.collect.sources.base import Reading, Tools
from siegewatch.domain.credentials import secrets_in
from siegewatch.domain.feed import Feed, Validators
from siegewatch.domain.subscription import Offer
from siegewatch.net.messages import Answer, Way
from siegewatch.net.redact import may_hold_secret, redact_url, scrub

Parse = Callable[[Answer], Parsed]
"""Reads an answer with a body."""


def inquiry_of(tools: Tools, feed: Feed, now: datetime, accept: str = ACCEPT) -> Inquiry:
    """What all requests of a poll of this feed share."""
    return Inquiry(feed, tools.limits, now, tools.read_anew, accept)


def read_web(
    tools: Tools,
    feed: Feed,
    validators: Validators,
    now: datetime,
    parse: Parse,
    *,
    accept: str = ACCEPT,
    door: Way | None = None,
) -> Reading:
    """Polls a feed once; `parse` is asked of an answer that is new. Bot walls are named, moves are followed, and a web
    page that names one feed, if `parse` tells the feeds of pages, is read through to it. What is told of the poll holds
    none of the secrets that the server was sent, should it echo them in an address."""
    reading = _read(tools, feed, validators, now, parse, accept, door)
    if not (reading.problem or reading.remark):
        return reading
    secrets = secrets_in(feed.headers, feed.url)
    problem, remark = (text and scrub(text, secrets) for text in (reading.problem, reading.remark))
    return replace(reading, problem=problem, remark=remark)


def _read(
    tools: Tools, feed: Feed, validators: Validators, now: datetime, parse: Parse, accept: str, door: Way | None
) -> Reading:
    inquiry, door = inquiry_of(tools, feed, now, accept), door or tools.door
    fetched = fetch(door, inquiry, validators)
    reading = _judged(feed, fetched, parse)
    if len(reading.feeds) != 1 or fetched.validators.found_at:
        return reading
    there = reading.feeds[0]
    found = ask(door, inquiry, there, replace(reading.validators, found_at=there))
    return replace(_judged(feed, replace(found, moved_to=fetched.moved_to), parse), feeds=reading.feeds)


def _judged(feed: Feed, fetched: Fetched, parse: Parse) -> Reading:
    reading = Reading(
        validators=fetched.validators,
        status=fetched.status,
        problem=_of_page(fetched.problem, fetched.validators),
        unchanged=fetched.unchanged,
        reached=fetched.reached,
        after_seconds=fetched.after_seconds,
        fresh_seconds=fetched.fresh_seconds,
    )
    if fetched.unchanged or fetched.answer is None:
        return reading
    parsed = parse(fetched.answer)
    reading = _completed(reading, fetched, fetched.answer, parsed)
    return reading if reading.problem else replace(reading, offer=_offer(feed, fetched.answer, parsed))


def _completed(reading: Reading, fetched: Fetched, answer: Answer, parsed: Parsed) -> Reading:
    remark = "; ".join(filter(None, (parsed.remark, *_whereabouts(fetched)))) or None
    if not parsed.problem:
        known = beside(unpacked(reading.validators.marks or ""), unpacked(parsed.marks or ""))
        return replace(
            reading,
            entries=parsed.entries,
            title=parsed.title,
            remark=remark,
            format=parsed.format,
            wishes=parsed.wishes,
            beside=known,
            partial=bool(known),
            validators=replace(reading.validators, marks=parsed.marks),
        )
    wall = wall_of(answer.status, answer.headers, answer.body)
    feeds = () if wall else parsed.feeds
    problem = wall_problem(wall) if wall else _page_of(feeds) if feeds else parsed.problem
    told = _of_page(problem, reading.validators)
    # What could not be read must be read again: its validators would only bring a 304. Nor does a redirect to it
    # count as a move: dead feeds are sent to the front page.
    again = Validators(state=reading.validators.state)
    return replace(reading, problem=told, remark=remark, validators=again, feeds=feeds)


def _offer(feed: Feed, answer: Answer, parsed: Parsed) -> Offer | None:
    """The hub that the document names. One is not asked past the proxy of a feed, nor told an address with a secret."""
    if feed.proxy:
        return None
    may_tell = not (feed.filled_in or may_hold_secret(answer.url))
    return offer(in_header(answer.headers.get("Link"), answer.url), parsed.links, answer.url, may_tell=may_tell)


def _whereabouts(fetched: Fetched) -> Iterator[str]:
    """That the document came from elsewhere than the feed's address says."""
    if fetched.validators.found_at:
        there = redact_url(fetched.validators.found_at)
        yield f"url is a web page, read through to its one feed {there}: write that as url in feeds.yaml"
    if fetched.moved_to:
        yield f"moved for good to {redact_url(fetched.moved_to)}: change url in feeds.yaml"


def _page_of(feeds: Sequence[str]) -> str:
    named = ", ".join(map(redact_url, feeds))
    one = len(feeds) == 1
    return f"this is a web page; its {'feed is' if one else 'feeds are'}: {named}, write one of these as url"


def _of_page(problem: str | None, validators: Validators) -> str | None:
    """The problem of a feed that a web page names, with that said."""
    if not problem or not validators.found_at:
        return problem
    return f"url is a web page; its one feed {redact_url(validators.found_at)} cannot be read: {problem}"
