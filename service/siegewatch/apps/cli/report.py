"""The page of `evaluate --report`: every figure and mistake in one HTML file that loads nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from siegewatch.apps.cli.assessment import COMPARED, Assessed, Issue, issues
from siegewatch.apps.cli.classify import event_line
from siegewatch.apps.cli.scoring import Labelled, aligned, same
from siegewatch.apps.cli.show import cell
from siegewatch.apps.cli.stages import by_stage
from siegewatch.apps.cli.tables import Table, tables
from siegewatch.domain.event import Event

_FAULTS = ("item false", "item missed", "false", "missed", *COMPARED)
_SHARES = (0.05, 0.2, 0.4, 0.7)
"""From which share of a row on a cell of the confusion table is tinted, and from which more."""


def page(figures: dict[str, Any], items: Sequence[Assessed], about: str) -> str:
    """The page. Texts of items are strangers': they are escaped, what steers is taken out, and the page's policy lets
    no script run but its own, known by its hash."""
    wrong = [(one, found) for one in items if (found := issues(one))]
    wrong.sort(key=lambda pair: min(_FAULTS.index(issue.what) for issue in pair[1]))
    style, script = _part("page.css"), _part("page.js")
    return Template(_part("page.html")).substitute(
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'",
        style=style,
        script=script,
        title=_text(about),
        about=_text(f"{figures['items']} items of {about}"),
        heads="\n".join(_heads(figures)),
        tables="\n".join(map(_table, tables(figures))),
        kinds=_options({issue.kind for _, found in wrong for issue in found}),
        faults=_options(_FAULTS, ordered=True),
        sources=_options({one.source for one, _ in wrong if one.source}),
        count=f"{len(wrong)} items with a mistake",
        mistakes="\n".join(_mistake(one, found) for one, found in wrong),
    )


def _part(name: str) -> str:
    return files("siegewatch.apps.cli").joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _text(value: object) -> str:
    return escape(cell(value))


def _options(names: Iterable[str], *, ordered: bool = False) -> str:
    return "".join(f"<option>{_text(name)}</option>" for name in (names if ordered else sorted(names)))


def _heads(figures: dict[str, Any]) -> Iterator[str]:
    for name in ("item", "siege", "offensive", "kind+phase"):
        yield f"<li>{name} F1 <b>{figures[name]['f1']:.3f}</b>{_range(figures, name)}</li>"
    error = figures["calibration"]["expected_error"]
    yield f"<li>calibration error <b>{'–' if error is None else f'{error:.3f}'}</b></li>"


def _range(figures: dict[str, Any], name: str) -> str:
    bounds = figures["intervals"].get(name)
    return f"<small>{bounds[0]:.3f}–{bounds[1]:.3f}</small>" if bounds else ""


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{_text(title.lower())}</th>' for title in table.titles)
    rows = "\n".join(_row(row, heat="labelled" in table.remark) for row in table.rows)
    remark = f"<p class='soft'>{_text(table.remark)}</p>" if table.remark else ""
    return (
        f"<details><summary>{_text(table.name)}</summary>{remark}<div class='wide'>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div></details>"
    )


def _row(row: Sequence[str], *, heat: bool) -> str:
    of = sum(map(int, row[1:])) if heat else 0
    cells = "".join(f"<td{_tint(int(value) / of) if of else ''}>{_text(value)}</td>" for value in row[1:])
    return f'<tr><th scope="row">{_text(row[0])}</th>{cells}</tr>'


def _tint(share: float) -> str:
    level = sum(share >= least for least in _SHARES)
    return f' class="h{level}"' if level else ""


def _mistake(one: Assessed, found: Sequence[Issue]) -> str:
    line, summary = one.line, one.line.keys.get("summary") or ""
    kinds = escape(";".join(f"{issue.kind}/{issue.what}" for issue in found))
    tags = "".join(f"<li>{_text(tag)}</li>" for tag in _tags(found))
    about = (line.id, one.source, line.keys.get("outlet"), line.keys.get("published"), line.keys.get("hard") and "hard")
    return (
        f'<article data-issues="{kinds}" data-source="{_text(one.source or "")}">\n'
        f'<h3 dir="auto">{_marked("title", line.title, one.events)}</h3>\n'
        f'<p dir="auto">{_marked("summary", summary, one.events)}</p>\n'
        f'<p class="soft">{_text(" · ".join(str(fact) for fact in about if fact))}</p>\n'
        f'<ul class="tags">{tags}</ul>\n{"".join(_events(one))}{_why(one)}</article>'
    )


def _tags(found: Sequence[Issue]) -> Iterator[str]:
    """The issues in words; that an event is false goes without saying where it makes the item so."""
    deciding = {(issue.kind, issue.what.removeprefix("item ")) for issue in found if issue.what.startswith("item ")}
    return (f"{issue.kind}: {issue.what}" for issue in found if (issue.kind, issue.what) not in deciding)


def _marked(field: str, text: str, events: Sequence[Event]) -> str:
    """The text with the words marked that tell of the events found."""
    spans = sorted({(words.start, words.end) for event in events for words in event.evidence if words.field == field})
    parts, at = [], 0
    for start, end in spans:
        if start >= at:
            parts += [_text(text[at:start]), f"<mark>{_text(text[start:end])}</mark>"]
            at = end
    return "".join([*parts, _text(text[at:])])


def _events(one: Assessed) -> Iterator[str]:
    found = one.found
    for at, other in aligned(one.gold, found):
        gold = one.gold[at] if at is not None else None
        told = found[other] if other is not None else None
        sure = f", {one.events[other].confidence:.2f}" if other is not None else ""
        kind = (gold or told or found[0]).kind
        how = "false" if gold is None else "missed" if told is None else ""
        yield f"<table><caption>{_text(' '.join(filter(None, (kind, how))))}{sure}</caption>"
        yield "<thead><tr><th></th><th>labelled</th><th>told</th></tr></thead><tbody>\n"
        yield from (_field(name, gold, told) for name in COMPARED)
        yield "</tbody></table>\n"


def _field(name: str, gold: Labelled | None, told: Labelled | None) -> str:
    wrong = ' class="wrong"' if gold and told and not same(name, gold, told) else ""
    cells = "".join(f'<td dir="auto">{_text(getattr(one, name)) if one else ""}</td>' for one in (gold, told))
    return f'<tr{wrong}><th scope="row">{name}</th>{cells}</tr>\n'


def _why(one: Assessed) -> str:
    steps = "".join(
        f"<dt>{_text(stage)}</dt>" + "".join(f"<dd>{_text(step)}</dd>" for step in taken)
        for stage, taken in by_stage(one.judgement.steps)
    )
    dropped = "".join(f"<dd>{_text(f'{event_line(event)} ({event.confidence:.2f})')}</dd>" for event in one.dropped)
    left_out = f"<dt>not sure of</dt>{dropped}" if dropped else ""
    return f"<details><summary>Why</summary><dl>{steps}{left_out}</dl></details>\n"
