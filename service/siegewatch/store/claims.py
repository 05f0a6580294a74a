"""Work that is due at a time: a sorted set claimed by script with a lease, so no two workers take the same."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import cast

from siegewatch.store.client import Store, millis, told


@dataclass(frozen=True, slots=True)
class Worker:
    """Who claims: the name of this process, and whether the process of a given name is known to be gone."""

    name: str
    is_gone: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing claimed; `token` proves the claim when it is settled."""

    id: str
    token: str


def claim_due(
    store: Store,
    script: str,
    keys: Sequence[str],
    *,
    worker: Worker,
    now: datetime,
    lease: timedelta,
    limit: int,
    more: Sequence[int] = (),
) -> list[Claim]:
    """Claims by `script` at most `limit` members of the sorted set `keys[0]` that are due at `now`, the longest due
    first; the claims stand in the hash `keys[1]`."""
    token = f"{worker.name}/{token_hex(8)}"
    milliseconds = int(lease.total_seconds() * 1000)
    with told():
        found = store.run(script, keys, [millis(now), milliseconds, limit, token, *more])
    return [Claim(member.decode(), token) for member in cast("list[bytes]", found)]


def release(store: Store, due: str, claims: str, *, worker: Worker, now: datetime) -> list[str]:
    """Makes due at once what workers have claimed that are gone: nobody has to wait for their leases. Returns it."""
    with told():
        held = cast("dict[bytes, bytes]", store.redis.hgetall(claims))
        left = [member for member, token in held.items() if worker.is_gone(token.decode().rpartition("/")[0])]
        if left:
            with store.redis.pipeline() as pipe:
                pipe.hdel(claims, *left)
                pipe.zadd(due, dict.fromkeys(left, millis(now)), xx=True)
                pipe.execute()
        return [member.decode() for member in left]
