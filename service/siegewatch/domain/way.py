"""The way of an alert through the routes: which were looked at, and what each of their matchers came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weighed:
    """One matcher: the values it accepts, those it found, and whether it holds (of an event: of any)."""

    name: str
    asked: tuple[str, ...]
    found: tuple[str, ...]
    holds: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One route that was looked at: `number` as in 2.1 for the first inside the second, `asked` what it asks for,
    `came_to` what it did and why, `matchers` one by one."""

    number: str
    asked: str
    came_to: str
    matchers: tuple[Weighed, ...] = ()

    def __str__(self) -> str:
        return f"route {self.number} ({self.asked}): {self.came_to}"
