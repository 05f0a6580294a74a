"""Many GETs at once in one thread: a curl multi loop (https://curl.se/libcurl/c/libcurl-multi.html).

A poll costs it some twenty microseconds where a thread of requests takes nine hundred, and a slow host costs a socket
and not a thread. Held to the very policy, limits and redirect rules of the door.
"""

import selectors
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any

import pycurl
import structlog

from siegewatch.domain.errors import AddressRefused, FetchError, TimedOut, TooManyRedirects
from siegewatch.net.hops import MAX_REDIRECTS, PERMANENT, REDIRECTS, Hop, first_hop, next_hop
from siegewatch.net.messages import Answer, Arrival, Ask
from siegewatch.net.policy import AddressPolicy, Network
from siegewatch.net.redact import redact_url
from siegewatch.net.transfer import Addresses, Transfer, new_handle, prepared
from siegewatch.net.transport import trusted_roots_pem

log = structlog.get_logger()

Done = Callable[[Arrival | FetchError], None]
"""Told once for each request, in the loop's thread: it must not wait for anything."""

_CONNECTIONS_KEPT = 256
_SWEEP_SECONDS = 0.25
_MASKS = {
    selectors.EVENT_READ: (pycurl.CSELECT_IN, pycurl.POLL_IN),
    selectors.EVENT_WRITE: (pycurl.CSELECT_OUT, pycurl.POLL_OUT),
}
"""What the selector calls an event: as curl is told that it happened, as curl asks for it."""


@dataclass(slots=True)
class _Errand:
    """A request on its way over its hops."""

    ask: Ask
    done: Done
    until: float
    hops: int = 0
    is_permanent: bool = True


class MultiDoor:
    """Thread-safe; one for a process. `allow` are the private networks that every request may reach, `at_once` how many
    requests are under way at a time; `ca_file` and `addresses` are the system's unless given."""

    def __init__(
        self,
        *,
        allow: Sequence[Network],
        user_agent: str,
        at_once: int,
        ca_file: str | None = None,
        addresses: Addresses | None = None,
    ) -> None:
        self._policy = AddressPolicy(tuple(allow))
        self._defaults = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"}
        self._at_once, self._addresses = at_once, addresses
        self._roots = None if ca_file else _roots_file()
        self._ca_file = ca_file or self._roots.name  # type: ignore[union-attr]
        self._waiting: deque[_Errand] = deque()
        self._under_way: dict[Any, tuple[_Errand, Transfer]] = {}
        self._idle: list[Any] = []
        self._selector = selectors.DefaultSelector()
        self._ear, self._bell = socket.socketpair()
        self._timer_at: float | None = None
        self._closed = self._retired = False
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, _CONNECTIONS_KEPT)
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        for end in (self._ear, self._bell):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread = Thread(target=self._run, name="fetch", daemon=True)
        self._thread.start()

    def get(self, asks: Sequence[tuple[Ask, Done]]) -> None:
        """Begins the requests, each over at most five redirects, each hop held to the same policy."""
        now = monotonic()
        self._waiting.extend(_Errand(ask, done, now + ask.limits.total_seconds) for ask, done in asks)
        self._ring()

    def retire(self) -> None:
        """Ends the loop when what was begun is done; nothing more may be begun."""
        self._retired = True
        self._ring()

    def close(self) -> None:
        """Ends the loop now; what is under way is told as timed out."""
        self._closed = True
        self._ring()
        self._thread.join()

    def _ring(self) -> None:
        with suppress(BlockingIOError, OSError):
            # It rings already, or nobody is there to hear.
            self._bell.send(b"!")

    def _run(self) -> None:
        sweep_at = monotonic()
        while not self._closed and (self._waiting or self._under_way or not self._retired):
            self._begin_waiting()
            for key, events in self._selector.select(self._patience()):
                self._act(key.fileobj, events)
            if self._timer_at is not None and monotonic() >= self._timer_at:
                self._timer_at = None
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            self._finish_done()
            if monotonic() >= sweep_at:
                self._give_up_on_mute()
                sweep_at = monotonic() + _SWEEP_SECONDS
        self._leave()

    def _patience(self) -> float:
        """Seconds until something has to be done even if nothing happens."""
        due = _SWEEP_SECONDS if self._timer_at is None else min(self._timer_at - monotonic(), _SWEEP_SECONDS)
        return max(due, 0.0)

    def _act(self, ready: Any, events: int) -> None:
        if ready is self._ear:
            self._ear.recv(4_096)
            return
        mask = sum(happened for ours, (happened, _) in _MASKS.items() if events & ours)
        self._multi.socket_action(ready, mask)

    def _watch(self, what: int, fd: int, *_: object) -> None:
        """curl says which socket to watch for what."""
        known = fd in self._selector.get_map()
        if what == pycurl.POLL_REMOVE:
            if known:
                self._selector.unregister(fd)
            return
        events = selectors.EVENT_READ * bool(what & pycurl.POLL_IN) | selectors.EVENT_WRITE * bool(
            what & pycurl.POLL_OUT
        )
        if known:
            self._selector.modify(fd, events)
        else:
            self._selector.register(fd, events)

    def _set_timer(self, milliseconds: int) -> None:
        self._timer_at = None if milliseconds < 0 else monotonic() + milliseconds / 1_000

    def _begin_waiting(self) -> None:
        while self._waiting and len(self._under_way) < self._at_once:
            errand = self._waiting.popleft()
            try:
                self._begin(errand, first_hop(errand.ask.url, {**self._defaults, **errand.ask.headers}))
            except FetchError as error:
                _tell(errand, error)

    def _begin(self, errand: _Errand, hop: Hop) -> None:
        ask, curl = errand.ask, self._idle.pop() if self._idle else new_handle()
        transfer = Transfer(hop, ask.limits, self._policy.also(ask.allow), errand.until, curl)
        try:
            prepared(transfer, alone=bool(ask.allow), ca_file=self._ca_file, addresses=self._addresses)
        except (pycurl.error, ValueError):
            raise AddressRefused(f"{transfer.host}: not an address that can be requested") from None
        self._under_way[curl] = errand, transfer
        self._multi.add_handle(curl)

    def _finish_done(self) -> None:
        while True:
            more, good, bad = self._multi.info_read()
            for curl in good:
                self._arrived(*self._taken(curl))
            for curl, code, words in bad:
                errand, transfer = self._taken(curl)
                _tell(errand, transfer.fault(code, words))
            if not more:
                return

    def _taken(self, curl: Any) -> tuple[_Errand, Transfer]:
        self._multi.remove_handle(curl)
        self._idle.append(curl)
        errand, transfer = self._under_way.pop(curl)
        transfer.close()
        return errand, transfer

    def _arrived(self, errand: _Errand, transfer: Transfer) -> None:
        try:
            arrival = transfer.arrival(transfer.hop.url if errand.hops and errand.is_permanent else None)
            if arrival.answer.status in REDIRECTS:
                self._begin(errand, _onward(errand, transfer.hop, arrival.answer))
            else:
                _tell(errand, arrival)
        except FetchError as error:
            _tell(errand, error)

    def _give_up_on_mute(self) -> None:
        for curl in [curl for curl, (_, transfer) in self._under_way.items() if transfer.is_mute]:
            errand, transfer = self._taken(curl)
            _tell(errand, TimedOut(f"{transfer.host}: no answer in time"))

    def _leave(self) -> None:
        for curl in list(self._under_way):
            errand, transfer = self._taken(curl)
            _tell(errand, TimedOut(f"{transfer.host}: given up, as the service stops"))
        self._multi.close()
        self._selector.close()
        for end in (self._ear, self._bell):
            end.close()
        if self._roots:
            self._roots.close()


def _onward(errand: _Errand, here: Hop, answer: Answer) -> Hop:
    """The hop that a redirect leads to. Raises TooManyRedirects, AddressRefused."""
    errand.is_permanent &= answer.status in PERMANENT
    errand.hops += 1
    if errand.hops > MAX_REDIRECTS:
        raise TooManyRedirects(f"{redact_url(errand.ask.url)}: over {MAX_REDIRECTS} redirects")
    return next_hop(here, answer.headers.get("location", ""))


def _tell(errand: _Errand, outcome: Arrival | FetchError) -> None:
    try:
        errand.done(outcome)
    except Exception:
        # A bug in one answer's handling is told loudly, and must not end every other poll.
        log.exception("fetch_untold")


def _roots_file() -> Any:
    """The roots that the door trusts, in a file: curl keeps what it reads from one and shares it between handshakes."""
    file = tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="ascii")  # noqa: SIM115 - lives as long as the loop
    file.write(trusted_roots_pem())
    file.flush()
    return file
