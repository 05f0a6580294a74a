"""Every service that Apprise knows, by its addresses: for what has no channel of its own here.

Apprise opens its own connections, past the door: the address policy does not hold for them. What can be kept is:
one attempt (retries are ours), no redirect, an end to waiting, and its log, which may hold secrets, told to nobody.
"""

import logging
import re
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from siegewatch.domain.delivery import Accepted, ChannelSpec, Message, Retry, Verdict
from siegewatch.net.door import Door
from siegewatch.net.redact import scrub
from siegewatch.notify.channels.base import LIMITS, Capacity
from siegewatch.notify.layout import Markup, laid_out
from siegewatch.notify.render import words
from siegewatch.notify.text import clean, cut, inert

if TYPE_CHECKING:
    from apprise import Apprise

TEXT_LIMIT = 10_000
"""Apprise itself cuts or splits what is too long for a service."""

TITLE_LIMIT = 200
_ANSWER_LIMIT = 200
_MISSING = "needs a package that is not there, install siegewatch[apprise]"
_UNKNOWN = "url is no address that apprise can send to, write one of its wiki, and install what that page asks for"
_JOINTS = re.compile(r"[/@:?&=#,;]+")
_SHORTEST_SECRET = 4


class AppriseChannel:
    """The first line as title and the rest as text, to the one service that `url` stands for."""

    needs_url = True
    schemes: ClassVar = ()
    capacity = Capacity(title=TITLE_LIMIT, text=TEXT_LIMIT)
    example: ClassVar = ChannelSpec("example", "apprise", "json://apprise.example.org/in/exampletoken0")

    def __init__(self, spec: ChannelSpec, _door: Door) -> None:
        self._spec = spec

    @staticmethod
    def check(spec: ChannelSpec) -> Sequence[str]:
        """Whether apprise is there and knows the service."""
        if not _is_installed():
            return [f"type {_MISSING}"]
        return [] if _made(spec.url) else [_UNKNOWN]

    def send(self, message: Message) -> Verdict:
        """One attempt. Apprise tells no status, so what it could not send is tried again, whatever the reason."""
        if not _is_installed():
            return Retry(f"apprise {_MISSING}", unsent=True)
        made = _made(self._spec.url)
        if made is None:
            return Retry(_UNKNOWN, unsent=True)
        told = words(message)
        with made.notify(
            title=cut(inert(told.headline), TITLE_LIMIT),
            body=laid_out(told, TEXT_LIMIT, Markup(inert), headline=False),
            body_format="text",
        ) as result:
            return Accepted() if result else Retry(_reason((entry.message for entry in result.logs()), self._spec.url))


def _is_installed() -> bool:
    return find_spec("apprise") is not None


def _made(url: str) -> "Apprise | None":
    """Apprise with that one service, made anew for each attempt, as an instance waits between its messages. None where
    it does not know the address or cannot serve it here."""
    from apprise import Apprise, AppriseAsset

    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    asset = AppriseAsset(
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        service_timeout=LIMITS.total_seconds,
        storage_mode="memory",
    )
    service = Apprise.instantiate(url, asset=asset)
    if service is None:
        return None
    service.retry = 0  # whatever the address asks for
    made = Apprise(asset=asset)
    made.add(service)
    return made


def _reason(logged: Iterable[str], url: str) -> str:
    """What apprise logged of a failure, in one line, without any part of the address: its host may be a token."""
    said = scrub(clean("; ".join(logged)), _parts(url))
    return cut(said, _ANSWER_LIMIT) or "apprise could not send it and names no reason"


def _parts(url: str) -> list[str]:
    parts = _JOINTS.split(url.partition("://")[2])
    return [url, *(one for part in parts for one in (part, unquote(part)) if len(one) >= _SHORTEST_SECRET)]
