"""Every failure siegewatch names, in one tree.

::

    SiegewatchError
    ├── UsageError             wrong usage or configuration: exit 2
    │   └── SettingsError      faults in the files an operator wrote, each with file and line
    ├── OperationError         the thing asked for failed: exit 1
    │   ├── StoreError         the store is missing, unfit or full
    │   │   └── StoreConflict  someone else changed it first: load again and redo
    │   └── UnreadableRecord   the store holds something that this version cannot read
    └── FetchError             a request through the door out failed
        ├── AddressRefused     the address policy forbids where it leads
        ├── Unreachable        no connection: name, route, refusal, reset
        │   ├── NameUnknown    no such name, or it has no address
        │   ├── NotConnected   no route, or refused: nothing was sent
        │   └── TlsFault       the peer's certificate or handshake is bad
        ├── TimedOut           connect, first byte or the whole took too long
        ├── TooLarge           headers, body or its decoded form are over the cap
        └── TooManyRedirects   more hops than allowed, or a hop to nowhere
"""

from dataclasses import dataclass


class SiegewatchError(Exception):
    """Anything an operator or the outside world can cause. Bugs are not in this tree: they crash."""


class UsageError(SiegewatchError):
    """Wrong usage or configuration."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file that an operator wrote. `line` counts from 1; 0 is the whole file."""

    file: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}, {self.instead}"


class SettingsError(UsageError):
    """Every fault found in the configuration, in the order of files and lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class OperationError(SiegewatchError):
    """The thing asked for failed."""


class StoreError(OperationError):
    """The store is missing, unfit or full."""


class StoreConflict(StoreError):
    """Another worker changed what this one had read: load it again and redo."""


class UnreadableRecord(OperationError):
    """The store holds something that this version cannot read: another version wrote it, or another program."""


class FetchError(SiegewatchError):
    """A request through the door out failed; the text is safe to log."""


class AddressRefused(FetchError):
    """The address policy forbids where the request leads."""


class Unreachable(FetchError):
    """No connection: unknown name, no route, refused or reset."""


class NameUnknown(Unreachable):
    """The name servers say that there is no such name, or that it has no address."""


class NotConnected(Unreachable):
    """No connection came about, so nothing was sent."""


class TlsFault(Unreachable):
    """The peer's certificate or handshake is bad."""


class TimedOut(FetchError):
    """Connecting, the first byte or the whole answer took too long."""


class TooLarge(FetchError):
    """Headers, body or its decoded form are over the cap."""


class TooManyRedirects(FetchError):
    """More hops than allowed, or a hop to nowhere."""
