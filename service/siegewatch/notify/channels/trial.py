"""A channel on trial: what it is given to send, whom it sends to on this host, and all that it tells meanwhile."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import ChannelSpec, Delivery, Message, Verdict
from siegewatch.domain.digest import Gathered
from siegewatch.net.door import Door
from siegewatch.net.messages import Answer, Limits
from siegewatch.notify.channels.stand_in import HOST, Reply, Service, serving
from siegewatch.notify.gathering import digest_of
from siegewatch.notify.sample import sample_alert
from siegewatch.notify.sender import Channel
from siegewatch.settings.channel_terms import ChannelTerms, terms_of

_HASTY = Limits(total_seconds=1, connect_seconds=1, first_byte_seconds=1)
_NOW = datetime(2026, 3, 1, 5, tzinfo=UTC)


class HastyDoor(Door):
    """A door that waits for nothing longer than a second."""

    def post(self, url: str, body: bytes, *, headers: Any, limits: Limits, allow: Any = ()) -> Answer:
        """As a door does, within a second."""
        seconds = {name: getattr(_HASTY, name) for name in ("total_seconds", "connect_seconds", "first_byte_seconds")}
        return super().post(url, body, headers=headers, limits=replace(limits, **seconds), allow=allow)


@dataclass(frozen=True)
class Subject:
    """A channel under test: its class, a spec that it works with, and a door to this host alone."""

    make: Callable[[ChannelSpec, Door], Channel]
    spec: ChannelSpec
    door: Door
    hasty: Door
    told: list[str] = field(default_factory=list)

    @property
    def terms(self) -> ChannelTerms:
        """What the class says of itself."""
        return terms_of(self.make)

    @property
    def posts(self) -> bool:
        """Whether it sends over HTTP, so that services can be stood in for."""
        return "http" in self.terms.schemes and bool(self.spec.url or self.terms.address)

    def at(self, port: int, scheme: str = "http") -> ChannelSpec:
        """The spec at a port of this host, its path and query kept."""
        parts = urlsplit(self.spec.url or self.terms.address)
        return replace(self.spec, url=parts._replace(scheme=scheme, netloc=f"{HOST}:{port}").geturl())

    def send(self, spec: ChannelSpec, message: Message | None = None) -> Verdict:
        """One attempt by a new instance; what it told is kept, to be searched for secrets."""
        channel = self.make(spec, self.door)
        with _logged(self.told), redirect_stdout(io.StringIO()):
            verdict = channel.send(message or trial_message())
        self.told.extend([repr(verdict), repr(channel), repr(vars(channel)) if hasattr(channel, "__dict__") else ""])
        return verdict

    def answered(self, reply: Reply) -> tuple[Verdict, Service]:
        """What it makes of a service that answers so."""
        with serving(reply) as service:
            return self.send(self.at(service.port)), service

    @property
    def welcome(self) -> bytes:
        """The body by which its service accepts."""
        return getattr(self.make, "welcome", b"ok")


def trial_message(text: str | None = None) -> Message:
    """The sample, with `text` wherever words of feeds can stand."""
    alert = sample_alert(_NOW)
    return Message("msg_conformance", _filled(alert, text) if text else alert, "https://desk.example.org", test=True)


def trial_digest(text: str | None = None, number: int = 3) -> Message:
    """As many samples in one digest, with `text` wherever words of feeds can stand."""
    alert = _filled(sample_alert(_NOW), text) if text else sample_alert(_NOW)
    alerts = [replace(alert, id=f"a{one}", at=_NOW + timedelta(minutes=one)) for one in range(number)]
    known = {one.id: one for one in alerts}
    waits = [Delivery(f"msg_{one.id}", one.id, "example", one.at, one.at) for one in alerts]
    told = digest_of(Gathered.LATE, "example", waits, known.get)
    return Message("msg_digest", told, "https://desk.example.org", test=True)


def _filled(alert: Alert, text: str) -> Alert:
    places = [event.place and replace(event.place, name=text) for event in alert.events]
    events = tuple(
        replace(event, attacker=text, defender=text, claimed_by=text, place=place, country=None)
        for event, place in zip(alert.events, places, strict=True)
    )
    item = replace(
        alert.item, title=text, summary=f"{text}. {text}", outlet=text, feed=text, link=f"https://x.example/{text}"
    )
    story = replace(alert.story, title=text, outlets=(text,), attackers=(text,), defenders=(text,))
    return replace(alert, events=events, item=item, story=story, reason=text)


@contextmanager
def _logged(into: list[str]) -> Iterator[None]:
    """What is logged meanwhile, by whomever."""

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            into.append(record.getMessage())

    root, keeper = logging.getLogger(), Keeper(logging.DEBUG)
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(keeper)
