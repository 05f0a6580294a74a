"""What remembering reports costs: speed, round trips and memory, on invented items, without a classifier."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from importlib.util import find_spec
from typing import Any

from siegewatch.detect.detector import Detector
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.store.client import Store
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.keys import ITEM_LIFE
from siegewatch.store.stories import StoryStore

MONTH = timedelta(days=30)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEPT_A_WEEK = ("holders", "records", "reports")
FEED = 30
"""Items that a feed serves at once."""


class Nobody:
    """A classifier that finds nothing, at no cost."""

    name = "nobody"

    def load(self) -> None:
        """Nothing to load."""

    def classify(self, items: Sequence[Item]) -> list[Judgement]:
        return [Judgement("en")] * len(items)


def invented(count: int) -> Iterator[Item]:
    """Items whose words are spread as in news, one in five of a running story."""
    chance = random.Random(1)
    for number in range(count):
        words = [_word(int(200 * 500 ** chance.random())) for _ in range(38)]
        if number % 5 == 0:
            topic = number // 4_000 * 40 + chance.randrange(40)
            words[:3] = ["place" + _word(topic), "side" + _word(topic), "thing" + _word(topic)]
        at = NOW + timedelta(seconds=number // 4)
        title, lead = " ".join(words[:8]), " ".join(words[8:])
        yield Item(f"{chance.getrandbits(64):016x}", title, lead, at, at, outlet="Courier", feed="Courier")


def _word(number: int) -> str:
    letters = "bdfgklmnpr"
    return "".join(letters[int(digit)] + "ao"[place % 2] for place, digit in enumerate(str(number)))


def measure(store: Store, count: int) -> None:
    """Prints items a second and bytes an item, against the plainest memory there is. Times are of the processors, ours
    and the server's: the clock of a busy machine tells of others."""
    items = list(invented(count))
    plain = _cost(store, count, lambda: _plain(store, items))
    print(f"\n{count} invented items of two identities; µs of CPU an item, of which the server's, and what that is")
    print(f"in items beside pipelined SET NX EX in batches of {FEED}:")
    _tell_cost("SET NX EX", plain, plain)
    store.redis.flushall()
    ready = ItemStore(store, MONTH)
    ready.queue.open()
    before = _bytes(store)
    new = _cost(store, count, lambda: _admit(ready, items))
    trips = _calls(store)
    known = _cost(store, count, lambda: _admit(ready, items))
    trips = _calls(store) - trips
    _tell_cost("known items", known, plain, f"{trips / (count / FEED):.2f} calls a feed of {FEED}")
    detector = Detector(ready, StoryStore(store, MONTH), Nobody(), 0.5, MONTH, "bench")
    calls = _calls(store)
    decided = _cost(store, count, lambda: _decide(detector, count))
    _tell_cost("new items, admission", new, plain)
    _tell_cost(
        "and decision with all indexes", decided, plain, f"{(_calls(store) - calls) / count:.2f} commands an item"
    )
    _tell_cost("new items in all", (new[0] + decided[0], new[1] + decided[1]), plain)
    if find_spec("datasketch"):
        few = items[: min(count, 2_000)]
        _tell_cost("datasketch MinHash LSH", _cost(store, len(few), lambda: _datasketch(store, few)), plain)
        store.redis.delete(*store.redis.scan_iter(match="lsh*", count=10_000))
    _tell_memory(store, count, before)


Cost = tuple[float, float]
"""Microseconds of CPU an item: ours, and the server's."""


def _cost(store: Store, count: int, work: Callable[[], None]) -> Cost:
    ours, servers = time.process_time(), _server_seconds(store)
    work()
    return (time.process_time() - ours) / count * 1e6, (_server_seconds(store) - servers) / count * 1e6


def _tell_cost(name: str, cost: Cost, plain: Cost, more: str = "") -> None:
    print(f"  {name:<32}{sum(cost):>8.1f}{cost[1]:>8.1f}{sum(plain) / sum(cost):>8.3f} x  {more}".rstrip())


def _server_seconds(store: Store) -> float:
    cpu = store.redis.info("cpu")
    return float(cpu["used_cpu_user"] + cpu["used_cpu_sys"])


def _tell_memory(store: Store, count: int, before: int) -> None:
    """Bytes an item by kind of key: what is found by scanning, since a server gives only the sum. What is kept for a
    week makes a quarter of what a month remembers."""
    total = (_bytes(store) - before) / count
    print(f"memory: {total:,.0f} bytes an item within its first week, of which by kind of key:")
    counts = Counter(_kind(store, key) for key in store.redis.scan_iter(count=10_000))
    sizes = {kind: _sampled(store, kind, keys) / count for kind, keys in sorted(counts.items())}
    for kind, size in sizes.items():
        print(f"  {kind:<10}{counts[kind]:>9} keys {size:>9.1f} bytes an item")
    week = sum(sizes.get(kind, 0.0) for kind in KEPT_A_WEEK)
    steady = total - week * (1 - ITEM_LIFE / MONTH)
    print(f"  with {', '.join(KEPT_A_WEEK)} for {ITEM_LIFE.days} of {MONTH.days} days: {steady:,.0f} bytes an item")


def _kind(store: Store, key: bytes) -> str:
    return key.decode().removeprefix(store.keys.prefix).split(":")[0]


def _sampled(store: Store, kind: str, count: int) -> float:
    """The size of all keys of a kind, from two thousand of them."""
    sizes = []
    for key in store.redis.scan_iter(match=f"{store.keys.prefix}{kind}*", count=10_000):
        if _kind(store, key) == kind:
            sizes.append(store.redis.memory_usage(key, samples=0))
        if len(sizes) >= 2_000:
            break
    return sum(sizes) / max(len(sizes), 1) * count


def _plain(store: Store, items: Sequence[Item]) -> None:
    for batch in _batches(items):
        with store.redis.pipeline(transaction=False) as pipe:
            for item in batch:
                pipe.set(f"plain:{item.id}", 1, nx=True, ex=2_592_000)
            pipe.execute()


def _admit(ready: ItemStore, items: Sequence[Item]) -> None:
    for batch in _batches(items):
        ready.admit([Candidate((item.id, _digest("link", item)), _digest("wording", item), item) for item in batch])


def _digest(kind: str, item: Item) -> str:
    return blake2b(f"{kind}{item.id}".encode(), digest_size=8).hexdigest()


def _decide(detector: Detector, count: int) -> None:
    done = 0
    while done < count:
        done += len(detector.step().decisions)


def _datasketch(store: Store, items: Sequence[Item]) -> None:
    from datasketch import MinHash, MinHashLSH

    address = store.redis.connection_pool.connection_kwargs
    storage: dict[str, Any] = {"type": "redis", "redis": {"unix_socket_path": address["path"]}, "basename": b"lsh"}
    lsh = MinHashLSH(threshold=0.5, num_perm=64, storage_config=storage)
    for item in items:
        made = MinHash(64)
        made.update_batch([item.title[at : at + 3].encode() for at in range(len(item.title) - 2)])
        lsh.query(made)
        lsh.insert(item.id, made)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[at : at + FEED] for at in range(0, len(items), FEED))


def _bytes(store: Store) -> int:
    return int(store.redis.info("memory")["used_memory"])


def _calls(store: Store) -> int:
    """Commands that clients sent; those that scripts call are not among them."""
    stats = store.redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "xreadgroup"))
