"""Words laid out as text: one order of lines for every channel, and what is left out first where there is no room."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from siegewatch.notify.digest import Line, within
from siegewatch.notify.quotes import Quote
from siegewatch.notify.render import Words
from siegewatch.notify.text import CUT_MARK, fit

_LINK_SHARE = 4
"""A link may take up a quarter of the room; a longer one is left out."""

_LINE_SHARE = 3
"""So many lines at least are told, however long they are."""

_WORTH_CUTTING_TO = 30
"""A line with less room than this is left out, not cut."""


def _no_link(url: str, label: str) -> str:
    return f"{label}: {url}"


@dataclass(frozen=True, slots=True)
class Markup:
    """How a channel writes text: `escape` takes the power from words of feeds, `width` counts as the service does,
    `strong` marks what was escaped already, `link` an address of which the label is ours."""

    escape: Callable[[str], str] = str
    width: Callable[[str], int] = len
    strong: Callable[[str], str] = str
    link: Callable[[str, str], str] = _no_link


PLAIN = Markup()


def links(told: Words) -> list[tuple[str, str]]:
    """The addresses that a message leads to, each with what to call it."""
    shown = (
        (told.link, "Read the item"),
        (told.story_link, "Story"),
        (told.explain_link, "Why this was told"),
        (told.all_link, "All alerts"),
        (told.answer_link, "Right or wrong?"),
    )
    return [(url, label) for url, label in shown if url]


def facts(told: Words) -> list[str]:
    """All that is told beside the quotes, most wanted first."""
    why = f"Why: {told.why}" if told.why else ""
    lines = (told.source, told.standing, *told.details, told.locator, why)
    return [line for line in lines if line]


def laid_out(told: Words, limit: int, markup: Markup, *, headline: bool = True, linked: bool = True) -> str:
    """The words in at most `limit`, as the channel counts. Links, source and how far it is verified always stay; what
    is cut says so with a mark, and the links lead to the rest."""
    if told.sections:
        return _listed(told, limit, markup, headline=headline, linked=linked)
    joint = "\n"
    end = _link_line(told, limit, markup) if linked else ""
    kept = [fit(line, limit // 8, markup.escape, markup.width) for line in (told.source, told.standing) if line]
    room = limit - sum(markup.width(part) + len(joint) for part in (*kept, end) if part)
    head = [markup.strong(fit(told.headline, room // 2, markup.escape, markup.width))] if headline else []
    room -= sum(markup.width(part) + len(joint) for part in head)
    longest = limit // _LINE_SHARE
    quoted = _filled([quote.text for quote in told.quotes], room, longest, markup)
    room -= sum(markup.width(part) + len(joint) for part in quoted)
    others = [line for line in facts(told) if line not in (told.source, told.standing)]
    rest = _filled(others, room, longest, markup)
    return joint.join(part for part in (*head, *quoted, *kept, *rest, end) if part)


def _listed(told: Words, limit: int, markup: Markup, *, headline: bool, linked: bool) -> str:
    """A digest: a line for each alert as far as there is room, and why they are told together."""

    def written(line: Line) -> str:
        escaped = markup.escape(line.text)
        return markup.strong(escaped) if line.is_heading else escaped

    head = [markup.strong(fit(told.headline, limit // 4, markup.escape, markup.width))] if headline else []
    end = [fit(fact, limit // 8, markup.escape, markup.width) for fact in facts(told)]
    end.append(_link_line(told, limit, markup) if linked else "")
    room = limit - sum(markup.width(part) + 1 for part in (*head, *end))
    shown = within(told.sections, room, lambda line: markup.width(written(line)) + 1)
    return "\n".join(part for part in (*head, *map(written, shown), *end) if part)


def _filled(lines: Sequence[str], room: int, longest: int, markup: Markup) -> list[str]:
    """As many of the lines as there is room for, none longer than `longest`, the last of them cut."""
    shown: list[str] = []
    for line in lines:
        escaped = fit(line, longest, markup.escape, markup.width)
        if markup.width(escaped) + 1 > room:
            if room > _WORTH_CUTTING_TO:
                shown.append(fit(line, room - 1, markup.escape, markup.width))
            elif shown and not shown[-1].endswith(CUT_MARK) and room > 1 + markup.width(CUT_MARK):
                shown.append(CUT_MARK)
            break
        shown.append(escaped)
        room -= markup.width(escaped) + 1
    return shown


def _link_line(told: Words, limit: int, markup: Markup) -> str:
    made = (markup.link(url, label) for url, label in links(told))
    return " · ".join(one for one in made if markup.width(one) <= limit // _LINK_SHARE)


def said(quote: Quote) -> tuple[tuple[str, bool], ...]:
    """The parts of a quote in order, each with whether it is what says it; for channels that can set words apart."""
    parts = ((f"“{quote.before}", False), (quote.said, True), (f"{quote.after}”", False))
    return tuple((text, says) for text, says in parts if text)
