"""Work that is due at a time: a sorted set claimed by script with a lease, so no two workers take the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import cast

from siegewatch.store.client import Store, millis, told


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing claimed; `token` proves the claim when it is settled."""

    id: str
    token: str


def claim_due(store: Store, due: str, claims: str, *, now: datetime, lease: timedelta, limit: int) -> list[Claim]:
    """Claims at most `limit` members of the sorted set `due` that are due at `now`, the longest due first."""
    token = token_hex(8)
    milliseconds = int(lease.total_seconds() * 1000)
    with told():
        found = store.script("claim")(keys=[due, claims], args=[millis(now), milliseconds, limit, token])
    return [Claim(member.decode(), token) for member in cast("list[bytes]", found)]
