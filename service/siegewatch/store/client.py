"""One client for the embedded server and for any Redis >= 7.0 or Valkey: connection, fitness, scripts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import AuthenticationError, NoScriptError, RedisError, ResponseError
from redis.retry import Retry

from siegewatch.domain.errors import StoreError
from siegewatch.store.keys import SCHEMA, Keys

OLDEST_REDIS = (7, 0)
URL_OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"})
"""What may stand behind the question mark of `store.url`."""


def millis(at: datetime) -> int:
    """Milliseconds since the epoch."""
    return int(at.timestamp() * 1000)


_REMEMBERING = frozenset({"admit", "decide", "recall", "record"})
"""Scripts that `members.lua` stands before."""


@cache
def _source(name: str) -> str:
    folder = files("siegewatch.store") / "scripts"
    names = ("members", name) if name in _REMEMBERING else (name,)
    return "".join((folder / f"{one}.lua").read_text(encoding="utf-8") for one in names)


@cache
def _known(name: str) -> tuple[str, str]:
    """A script, and the digest that the server knows it by."""
    source = _source(name)
    return source, sha1(source.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Store:
    """A connection pool and the keys' prefix. Threads may share it; `close` when done."""

    redis: "redis.Redis"
    keys: Keys

    def script(self, name: str) -> Script:
        """The Lua script of that name, sent by its hash and loaded where the server does not know it."""
        return self.redis.register_script(_source(name))

    def run(self, name: str, keys: Sequence[str], args: Sequence[str | bytes | int]) -> Any:
        """Runs the Lua script of that name. For what every tick calls: `script` takes its digest each time."""
        source, digest = _known(name)
        try:
            return self.redis.evalsha(digest, len(keys), *keys, *args)
        except NoScriptError:
            return self.redis.eval(source, len(keys), *keys, *args)

    def run_each(self, name: str, calls: Sequence[tuple[Sequence[str], Sequence[str | bytes | int]]]) -> list[Any]:
        """Runs the Lua script of that name for each (keys, args), in one round trip."""
        source, digest = _known(name)
        with self.redis.pipeline(transaction=False) as pipe:
            for keys, args in calls:
                pipe.evalsha(digest, len(keys), *keys, *args)
            try:
                return pipe.execute()
            except NoScriptError:
                # None of them knew it, so none has run.
                self.redis.script_load(source)
        return self.run_each(name, calls)

    def ping(self) -> None:
        """Raises StoreError where the server does not answer or takes no writes."""
        with told():
            self.redis.set(self.keys("ping"), 1, ex=60)

    def close(self) -> None:
        """Gives the connections back."""
        self.redis.close()


@contextmanager
def told() -> Iterator[None]:
    """Turns the client's exceptions into one StoreError an operator can read."""
    try:
        yield
    except AuthenticationError as error:
        raise StoreError("the store refuses the password or user of store.url") from error
    except RedisError as error:
        raise StoreError(f"the store does not serve: {error}") from error


def _once_more() -> Retry:
    """One retry, for a connection that went stale; every script may be sent twice. More would only hide an outage."""
    return Retry(NoBackoff(), 1)


def connect(url: str, prefix: str) -> Store:
    """Connects to `url` (redis://, rediss:// or unix://) and checks that the server is fit to remember.

    Raises StoreError where it is unreachable, older than Redis 7.0, evicts keys, or was written by a newer siegewatch.
    """
    if unknown := set(parse_qs(urlsplit(url).query)) - URL_OPTIONS:
        named = ", ".join(sorted(URL_OPTIONS))
        raise StoreError(f"store.url has the unknown option {sorted(unknown)[0]}, there are: {named}")
    try:
        client = redis.Redis.from_url(
            url, retry=_once_more(), socket_timeout=30, socket_connect_timeout=5, health_check_interval=30, protocol=2
        )
    except ValueError as error:
        raise StoreError("store.url is not an address, write redis://, rediss:// or unix://") from error
    return _checked(Store(client, Keys(prefix)), shown=_shown(url))


def connect_socket(path: str, prefix: str) -> Store:
    """Connects to the embedded server's unix socket."""
    client = redis.Redis(unix_socket_path=path, retry=_once_more(), socket_timeout=30, protocol=2)
    return _checked(Store(client, Keys(prefix)), shown="the embedded store")


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or parts.path}" + (f":{parts.port}" if parts.port else "")


def _checked(store: Store, *, shown: str) -> Store:
    try:
        with told():
            server = store.redis.info("server")
            memory = store.redis.info("memory")
            faults = unfit(server, memory) or _wrong_schema(store)
    except StoreError as error:
        store.close()
        raise StoreError(f"{shown}: {error}") from error
    if faults:
        store.close()
        raise StoreError(f"{shown}: {faults}")
    return store


def unfit(server: Mapping[str, Any], memory: Mapping[str, Any]) -> str | None:
    """Why a server with these INFO sections must not be used, None where it may."""
    version = str(server.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return f"Redis {version} is too old, use 7.0 or later, or any Valkey"
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return f"maxmemory-policy is {policy}, which forgets keys at will: set it to noeviction"
    return None


def _wrong_schema(store: Store) -> str | None:
    try:
        store.redis.set(store.keys("schema"), SCHEMA, nx=True)
        found = int(cast("bytes", store.redis.get(store.keys("schema"))))
    except ResponseError as error:
        return f"it takes no writes: {error}"
    if found > SCHEMA:
        return (
            f"schema {found} was written by a newer siegewatch, this one knows {SCHEMA}: upgrade, or set store.prefix"
        )
    if found < SCHEMA:
        # What an older one wrote in other keys ends by itself; it must not write beside us.
        store.redis.set(store.keys("schema"), SCHEMA)
    return None
