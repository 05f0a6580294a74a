"""What remembering reports costs: speed, round trips and memory, on invented items, without a classifier."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any

from siegewatch.detect.detector import Detector
from siegewatch.domain.event import Judgement
from siegewatch.domain.item import Item
from siegewatch.store.client import Store
from siegewatch.store.items import Candidate, ItemStore
from siegewatch.store.stories import StoryStore

MONTH = timedelta(days=30)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
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
        yield Item(f"{chance.getrandbits(96):024x}", title, lead, at, at, outlet="Courier", feed="Courier")


def _word(number: int) -> str:
    letters = "bdfgklmnpr"
    return "".join(letters[int(digit)] + "ao"[place % 2] for place, digit in enumerate(str(number)))


def measure(store: Store, count: int) -> None:
    """Prints items a second and bytes an item, against the plainest memory there is."""
    items = list(invented(count))
    plain = _rate(count, lambda: _plain(store, items))
    print(f"\n{count} invented items; pipelined SET NX EX in batches of {FEED}: {plain:,.0f} items/s")
    store.redis.flushall()
    ready = ItemStore(store, MONTH)
    ready.queue.open()
    before = _bytes(store)
    new = _rate(count, lambda: _admit(ready, items))
    trips = _calls(store)
    known = _rate(count, lambda: _admit(ready, items))
    print(
        f"admission: new {new:,.0f} items/s, known {known:,.0f} ({known / plain:.2f} x), "
        f"{(_calls(store) - trips) / (count / FEED):.2f} calls a feed of {FEED}"
    )
    detector = Detector(ready, StoryStore(store, MONTH), Nobody(), 0.5, MONTH, "bench")
    calls = _calls(store)
    decided = _rate(count, lambda: _decide(detector, count))
    print(
        f"decision, with facts, index and record: {decided:,.0f} items/s ({decided / plain:.3f} x), "
        f"{(_calls(store) - calls) / count:.2f} commands an item"
    )
    _tell_memory(store, count, before)
    if find_spec("datasketch"):
        few = items[: min(count, 2_000)]
        rate = _rate(len(few), lambda: _datasketch(store, few))
        print(f"datasketch MinHash LSH with Redis storage: {rate:,.0f} items/s")


def _tell_memory(store: Store, count: int, before: int) -> None:
    """Bytes an item by kind of key: what is found by scanning, since a server gives only the sum."""
    total = (_bytes(store) - before) / count
    print(f"memory: {total:,.0f} bytes an item in all, of which by kind of key:")
    kinds: dict[str, list[int]] = {}
    for key in store.redis.scan_iter(count=10_000):
        kind = key.decode().removeprefix(store.keys.prefix).split(":")[0]
        kinds.setdefault(kind, []).append(0)
    for kind, keys in sorted(kinds.items()):
        size = _sampled(store, kind, len(keys))
        print(f"  {kind:<10}{len(keys):>9} keys {size / count:>9.1f} bytes an item")


def _sampled(store: Store, kind: str, count: int) -> float:
    """The size of all keys of a kind, from two thousand of them."""
    sizes = []
    for key in store.redis.scan_iter(match=f"{store.keys.prefix}{kind}*", count=10_000):
        sizes.append(store.redis.memory_usage(key))
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
        ready.admit([Candidate((item.id,), item.id, item) for item in batch])


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


def _rate(count: int, work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def _bytes(store: Store) -> int:
    return int(store.redis.info("memory")["used_memory"])


def _calls(store: Store) -> int:
    """Commands that clients sent; those that scripts call are not among them."""
    stats = store.redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "xreadgroup"))
