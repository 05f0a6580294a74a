"""The inhibitions of `alerts.yaml`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field, field_validator

from siegewatch.domain.alert import OPS_MATCHERS
from siegewatch.domain.errors import Fault
from siegewatch.domain.inhibition import EQUAL, Inhibition
from siegewatch.domain.taxonomy import Severity
from siegewatch.settings.complaints import complaint, meant
from siegewatch.settings.document import Document, Path, shown
from siegewatch.settings.matchers import Match, Matchers, folded, impossible, match_faults
from siegewatch.settings.section import Duration, Section, Words, lasting

_ONE_TO_SEVEN = lasting(timedelta(minutes=1), timedelta(days=7))


class InhibitEntry(Section):
    """One entry of the list `inhibit`."""

    source: Matchers = Field(default={}, description="what holds others back once it is told: matchers and values")
    target: Matchers = Field(default={}, description="what is held back, where it is less grave: matchers and values")
    equal: Words = Field(default=("story",), description="what both must share: story, place, country")
    within: Annotated[Duration, _ONE_TO_SEVEN] = Field(
        default=timedelta(hours=1), description="for how long after the graver one"
    )

    @field_validator("equal")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise complaint("is empty", f"name one of: {', '.join(EQUAL)}")
        for name in value:
            if name not in EQUAL:
                raise complaint(f"names {shown(name)}", meant(name, EQUAL))
        return value

    def inhibition(self, zone: str) -> Inhibition:
        """As the rest of siegewatch knows it."""
        return Inhibition(folded(self.source), folded(self.target), self.equal, self.within, zone)


def inhibit_faults(document: Document, entries: Mapping[Path, InhibitEntry]) -> Iterator[Fault]:
    """What is wrong beyond the keys: matchers, and rules that nothing can ever satisfy."""
    for path, entry in entries.items():
        for side, match in (("source", entry.source), ("target", entry.target)):
            where = (*path, side)
            yield from match_faults(document, where, match)
            if not OPS_MATCHERS.isdisjoint(match):
                yield document.fault(where, f"{side} takes ops alerts, which are not held back", "remove subject")
            if wrong := impossible(folded(match)):
                yield document.fault(where, *wrong)
        order = list(Severity)
        gravest, least = min(_ranks(entry.source)), max(_ranks(entry.target))
        if gravest >= least:
            what = f"nothing is held back: no source is graver than a target ({order[gravest]}, {order[least]})"
            yield document.fault(path, what, "write a graver source.severity, or a lesser target.severity")


def _ranks(match: Match) -> list[int]:
    named = [rank for rank, severity in enumerate(Severity) if severity in match.get("severity", ())]
    return named or list(range(len(Severity)))
