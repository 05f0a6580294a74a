"""Durations such as `5m`, sizes such as `15MB`, addresses and networks: text to value, and back for the docs."""

import re
from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from siegewatch.domain.standing import Budget, Quiet
from siegewatch.settings.complaints import complaint

Network = IPv4Network | IPv6Network

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_BYTES = {"GB": 10**9, "MB": 10**6, "KB": 10**3, "GIB": 2**30, "MIB": 2**20, "KIB": 2**10, "B": 1}
_DURATION = re.compile(r"(?:[0-9]{1,9}[wdhms])+")
_DURATION_PART = re.compile(r"([0-9]+)([wdhms])")
_SIZE = re.compile(r"([0-9]{1,12})\s*([A-Za-z]{1,3})")
_BUDGET = re.compile(r"([0-9]{1,6})/([0-9]{0,6}[smhd])")
_TIME = "((?:[01][0-9]|2[0-3]):[0-5][0-9])"
_QUIET = re.compile(rf"{_TIME} ?- ?{_TIME}")
_LISTEN = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<host>[^\s:\[\]/]*)):(?P<port>[0-9]{1,5})")


class Listen(NamedTuple):
    """Where HTTP is served. Port 0 lets the system choose."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        literal = literal_host(self.host)
        return literal is not None and all(network.is_loopback for network in literal)


def duration(value: object) -> timedelta:
    """`90s`, `5m`, `4h`, `1d`, `2w` and sums such as `1h30m`."""
    text = str(value).strip().lower()
    if not _DURATION.fullmatch(text):
        lacking = text.isdigit()
        raise complaint("has no unit" if lacking else "is no duration", "write a number and s, m, h or d, such as 90s")
    seconds = sum(int(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(text))
    return timedelta(seconds=min(seconds, 10**10))


def size(value: object) -> int:
    """Bytes of `15MB` (10^6), `512KB`, `2MiB` (2^20)."""
    found = _SIZE.fullmatch(str(value).strip())
    unit = _BYTES.get(found[2].upper()) if found else None
    if found is None or unit is None:
        raise complaint("is no size", "write a number and KB, MB, KiB or MiB, such as 15MB")
    return int(found[1]) * unit


def budget(value: object) -> Budget | None:
    """`1/s`, `30/h`, `5/10m`; empty for None. Raises where nothing at all may be sent."""
    text = str(value).strip().lower()
    if not text:
        return None
    found = _BUDGET.fullmatch(text)
    per = duration(found[2] if found[2][0].isdigit() else f"1{found[2]}") if found else timedelta()
    if found is None or not per:
        raise complaint("is no budget", "write how many in how long, such as 1/s, 30/h or 5/10m")
    if not int(found[1]):
        raise complaint("lets nothing through", "write 1 or more, or take the channel out of the routes")
    return Budget(int(found[1]), per)


def quiet(value: object) -> Quiet | None:
    """`22:00-07:00`; empty for None."""
    text = str(value).strip()
    if not text:
        return None
    found = _QUIET.fullmatch(text)
    if found is None or found[1] == found[2]:
        raise complaint("are no hours", "write when they begin and end, such as 22:00-07:00, or leave it empty")
    return Quiet(time.fromisoformat(found[1]), time.fromisoformat(found[2]))


def listen(value: object) -> Listen | None:
    """`127.0.0.1:8350`, `[::1]:8350`, `:8350` (every address of this host); empty for None."""
    text = str(value).strip()
    if not text:
        return None
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > 65_535:
        raise complaint("is no address and port", "write host:port, such as 127.0.0.1:8350, or leave it empty")
    return Listen(found["six"] or found["host"] or "0.0.0.0", int(found["port"]))  # noqa: S104 - what ":8350" means


def network(value: object) -> Network:
    """An address range in CIDR; a bare address is a range of one."""
    text = str(value).strip()
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        wide = ip_network(text, strict=False)
    except ValueError:
        raise complaint("is no address range", "write CIDR such as 10.0.0.0/8 or ::1/128, not a name") from None
    raise complaint("has host bits set", f"write {wide}, or {text.split('/')[0]} for that address alone")


def literal_host(host: str) -> tuple[Network, ...] | None:
    """What a host means without asking DNS: a literal address, or `localhost`; None for any other name."""
    if host.lower().rstrip(".") == "localhost":
        return (ip_network("127.0.0.1"), ip_network("::1"))
    try:
        return (ip_network(ip_address(host)),)
    except ValueError:
        return None


def duration_text(value: timedelta) -> str:
    """The shortest single-unit way to write it: `5m`, `90s`, `0s`."""
    seconds = int(value.total_seconds())
    for unit, length in _SECONDS.items():
        if seconds and unit != "w" and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def size_text(value: int) -> str:
    """The largest unit that divides it: `15MB`, `1KB`."""
    unit, length = next((unit, length) for unit, length in _BYTES.items() if value % length == 0)
    return f"{value // length}{unit.replace('I', 'i')}"
