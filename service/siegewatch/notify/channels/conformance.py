"""What every channel must do, as checks that its author can run: `siegewatch plugins test`, or `findings` in a test.

A channel that posts over HTTP is put before services that accept, refuse, delay, break off and lie; any channel before
hostile words. What it sends beside that (mail, files) is its own to prove.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Rejected, Retry, Verdict
from siegewatch.net.door import Door
from siegewatch.notify.channels import stand_in
from siegewatch.notify.channels.base import Capacity, secrets_of
from siegewatch.notify.channels.harm import harm
from siegewatch.notify.channels.hostile import hostile
from siegewatch.notify.channels.stand_in import Received, Reply, Service, serving
from siegewatch.notify.channels.trial import HastyDoor, Subject, trial_digest, trial_message
from siegewatch.notify.pacing import MOST_LATE
from siegewatch.notify.sender import Channel
from siegewatch.settings.channel_terms import misfits
from siegewatch.settings.sources import LOCAL

MOST_SECONDS = 15.0
"""How long a channel may take where the door gives it one second: it must not wait by clocks of its own."""

ANSWER_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One check, and why the channel does not pass it; None where it does."""

    check: str
    problem: str | None


def findings(make: Callable[[ChannelSpec, Door], Channel], spec: ChannelSpec | None = None) -> Iterator[Finding]:
    """Every check in turn; with the class's own `example` unless a spec is given. Nothing leaves this host."""
    allow, agent = [ip_network("127.0.0.0/8")], "siegewatch/conformance"
    with (
        closing(Door(allow=allow, user_agent=agent)) as door,
        closing(HastyDoor(allow=allow, user_agent=agent)) as hasty,
    ):
        example: ChannelSpec = getattr(make, "example", ChannelSpec("example", "example"))
        subject = Subject(make, spec or example, door, hasty)
        for name, check in CHECKS.items():
            yield Finding(name, _outcome(check, subject))


def _outcome(check: Callable[[Subject], str | None], subject: Subject) -> str | None:
    try:
        return check(subject)
    except Exception as error:  # noqa: BLE001 - that it may raise anything is what is tested
        return f"raises {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _takes_its_example(subject: Subject) -> str | None:
    why = subject.terms.why_off(subject.spec)
    return "; ".join(told for _, told in misfits(subject.spec, subject.terms)) or (why and f"is off: {why}")


def _names_its_limits(subject: Subject) -> str | None:
    capacity = getattr(subject.make, "capacity", Capacity())
    return None if isinstance(capacity, Capacity) else "capacity is no siegewatch.notify.channels.base.Capacity"


def _needs_and_sends(subject: Subject) -> str | None:
    rows = [(f"{code}", stand_in.status(code, subject.welcome), _accepted) for code in (200, 201, 202)]
    if subject.welcome == b"ok":
        rows.append(("204", stand_in.status(204), _accepted))
    return _each(subject, rows)


def _follows_nothing(subject: Subject) -> str | None:
    codes = (301, 302, 303, 307, 308)
    return _each(subject, [(f"{code}", stand_in.status(code, Location="/elsewhere"), _refused_once) for code in codes])


def _bears_refusals(subject: Subject) -> str | None:
    codes = (400, 401, 403, 404, 405, 413, 422)
    return _each(subject, [(f"{code}", stand_in.status(code, b"no"), _refused_once) for code in codes])


def _ends_when_gone(subject: Subject) -> str | None:
    return _each(subject, [("410", stand_in.status(410, b"gone"), _disabled)])


def _waits_as_asked(subject: Subject) -> str | None:
    rows = [
        ("429 with Retry-After: 7", stand_in.status(429, Retry_After="7"), _waiting(7.0)),
        ("429 without Retry-After", stand_in.status(429), _waiting(None)),
        ("503 with Retry-After: 9", stand_in.status(503, Retry_After="9"), _waiting(9.0)),
        ("429 with Retry-After: soon", stand_in.status(429, Retry_After="soon"), _waiting(None)),
    ]
    return _each(subject, rows)


def _tries_again(subject: Subject) -> str | None:
    return _each(subject, [(f"{code}", stand_in.status(code, b"x"), _retry) for code in (500, 502, 503, 504)])


def _bears_silence(subject: Subject) -> str | None:
    begun = monotonic()
    problem = _each(replace(subject, door=subject.hasty), [("no answer", stand_in.silent, _retry)])
    if problem is None and monotonic() - begun > MOST_SECONDS:
        return f"waits over {MOST_SECONDS:.0f} s for an answer where the door waits for one"
    return problem


def _bears_a_reset(subject: Subject) -> str | None:
    return _each(subject, [("an answer that breaks off in its head", stand_in.reset, _retry)])


def _bears_bad_tls(subject: Subject) -> str | None:
    if not subject.posts:
        return None
    with serving(stand_in.status(200)) as service:
        problem = _retry(subject.send(subject.at(service.port, "https")), service.got)
        return problem and f"TLS with who speaks none: {problem}"


def _bears_nobody(subject: Subject) -> str | None:
    if not subject.posts:
        return None
    problem = _retry(subject.send(subject.at(stand_in.dead_port())), [])
    return problem and f"an address where nobody is: {problem}"


def _bears_much(subject: Subject) -> str | None:
    rows: list[tuple[str, Reply, Check]] = [("10 MB of refusal", stand_in.huge(500), _retry)]
    if subject.welcome == b"ok":
        rows.append(("10 MB of welcome", stand_in.huge(200), _accepted))
    return _each(subject, rows)


def _keeps_secrets(subject: Subject) -> str | None:
    """Of all that it told in the checks before this, and of a service that repeats what it was sent."""
    if subject.posts:
        subject.answered(stand_in.echo)
    told = "\n".join(subject.told)
    spec = subject.spec
    for secret in filter(None, secrets_of(replace(spec, url=spec.url or subject.terms.address))):
        if len(secret) >= 6 and secret != _public(subject) and secret in told:
            return "tells a secret, or a part of its address, in a verdict, in its repr or in a log"
    return None


def _public(subject: Subject) -> str:
    """What of the usual address of its service is no secret."""
    return "" if subject.spec.url else subject.terms.address


def _sends_the_same_twice(subject: Subject) -> str | None:
    if not subject.posts:
        return None
    with serving(stand_in.status(200, subject.welcome)) as service:
        for _ in range(2):
            subject.send(subject.at(service.port))
    bodies = [received.body for received in service.got]
    return None if len(set(bodies)) == 1 else "sends another body when the same message is sent again"


def _disarms_words(subject: Subject) -> str | None:
    """Each text stands in every field of an alert; it must arrive, whole in form, without power."""
    if not subject.posts:
        return _told_all(subject)
    with serving(stand_in.status(200, subject.welcome)) as service:
        spec = subject.at(service.port)
        for text in hostile():
            for message in (trial_message(text), trial_digest(text)):
                if problem := _problem(subject, spec, service, message):
                    return f"with the text {ascii(text)[:80]}: {problem}"
    return None


def _problem(subject: Subject, spec: ChannelSpec, service: Service, message: Message) -> str | None:
    service.got.clear()
    return _accepted(subject.send(spec, message), service.got) or harm(service.got[-1], subject.make)


def _told_all(subject: Subject) -> str | None:
    """To a file of its own or where it needs no address; anywhere else it might reach someone."""
    if subject.terms.needs_url and LOCAL not in subject.terms.schemes:
        return None
    with TemporaryDirectory() as folder:
        spec = replace(subject.spec, url=(Path(folder) / "told").as_uri()) if subject.terms.needs_url else subject.spec
        for text in hostile():
            for message in (trial_message(text), trial_digest(text)):
                verdict = subject.send(spec, message)
                if not isinstance(verdict, Accepted):
                    return f"with the text {ascii(text)[:80]}: {_named(verdict)}"
    return None


def _tells_many(subject: Subject) -> str | None:
    """A digest of as many alerts as there may be must fit into one message."""
    if not subject.posts:
        return None
    with serving(stand_in.status(200, subject.welcome)) as service:
        return _problem(subject, subject.at(service.port), service, trial_digest(number=MOST_LATE))


CHECKS: dict[str, Callable[[Subject], str | None]] = {
    "takes its example": _takes_its_example,
    "names its limits": _names_its_limits,
    "takes any 2xx as accepted": _needs_and_sends,
    "follows no redirect": _follows_nothing,
    "bears 4xx": _bears_refusals,
    "is off after 410": _ends_when_gone,
    "waits as long as it is asked to": _waits_as_asked,
    "tries again after 5xx": _tries_again,
    "tries again where no answer comes": _bears_silence,
    "tries again where the answer breaks off": _bears_a_reset,
    "tries again after bad TLS": _bears_bad_tls,
    "tries again where nobody listens": _bears_nobody,
    "reads no more of an answer than its start": _bears_much,
    "sends the same when sent again": _sends_the_same_twice,
    "tells many alerts in one message": _tells_many,
    "takes the power from hostile words": _disarms_words,
    "tells no secret": _keeps_secrets,
}
"""Each by its name, in the order in which they are run; the last looks at what all others brought to light."""

Check = Callable[[Verdict, Sequence[Received]], str | None]


def _each(subject: Subject, rows: Sequence[tuple[str, Reply, Check]]) -> str | None:
    """The first row of the table at which the channel fails; none where it does not post."""
    if not subject.posts:
        return None
    for name, reply, check in rows:
        verdict, service = subject.answered(reply)
        if problem := check(verdict, service.got) or _wordy(verdict):
            return f"{name}: {problem}"
    return None


def _accepted(verdict: Verdict, got: Sequence[Received]) -> str | None:
    if len(got) != 1:
        return f"sends {len(got)} requests, not one"
    return None if isinstance(verdict, Accepted) else _named(verdict)


def _refused_once(verdict: Verdict, got: Sequence[Received]) -> str | None:
    if isinstance(verdict, Accepted):
        return "is taken as accepted"
    return None if len(got) == 1 else f"sends {len(got)} requests, not one"


def _retry(verdict: Verdict, _: Sequence[Received]) -> str | None:
    return None if isinstance(verdict, Retry) else _named(verdict)


def _disabled(verdict: Verdict, _: Sequence[Received]) -> str | None:
    return None if isinstance(verdict, Rejected) and verdict.disable else _named(verdict)


def _waiting(seconds: float | None) -> Check:
    def check(verdict: Verdict, _: Sequence[Received]) -> str | None:
        if not isinstance(verdict, Retry):
            return _named(verdict)
        return None if verdict.after_seconds == seconds else f"waits {verdict.after_seconds} s, not {seconds}"

    return check


def _named(verdict: Verdict) -> str:
    return f"comes to {type(verdict).__name__}"


def _wordy(verdict: Verdict) -> str | None:
    told = verdict.answer if isinstance(verdict, Accepted) else verdict.reason
    if len(told) > ANSWER_LIMIT:
        return f"keeps {len(told):,} characters of an answer"
    return None if told.isprintable() else "tells an answer with line ends or unseen characters"
