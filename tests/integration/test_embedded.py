"""The embedded server with the real binary: started, shared, killed, filled up."""

import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import redis
from redis.exceptions import ResponseError

from siegewatch.domain.errors import StoreError
from siegewatch.store import embedded
from siegewatch.store.embedded import Running, ensure_running, is_running


@contextmanager
def client(running: Running) -> Iterator[redis.Redis]:
    connection = redis.Redis(unix_socket_path=str(running.socket_path), decode_responses=True, protocol=2)
    try:
        yield connection
    finally:
        connection.close()


def serves(data_dir: Path) -> bool:
    """Whether a server holds the lock that it inherited."""
    with (data_dir / "store" / "server.lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.01)


def run_python(script: str, data_dir: Path) -> subprocess.Popen[str]:
    """A process of its own that runs `script` with the data folder as its only argument."""
    command = [sys.executable, "-c", textwrap.dedent(script), str(data_dir)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A data folder whose server, should a test leave one behind, is ended."""
    folder = tmp_path / "data"
    yield folder
    if (folder / "store").is_dir() and serves(folder):
        ensure_running(folder).close()
        assert not serves(folder)


def test_server_keeps_data_across_restarts(data_dir: Path) -> None:
    for expected in (1, 2, 3):
        with ensure_running(data_dir) as running, client(running) as redis_client:
            assert running.owned
            assert redis_client.incr("starts") == expected
        assert not serves(data_dir)


def test_server_listens_on_its_private_socket_alone(data_dir: Path) -> None:
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert redis_client.info("server")["tcp_port"] == 0
        assert redis_client.config_get("dir") == {"dir": str(data_dir / "store")}
        assert running.socket_path.stat().st_mode & 0o777 == 0o700
    kept = [data_dir, *data_dir.rglob("*")]
    assert [path for path in kept if path.stat().st_mode & 0o077] == []


def test_server_appends_every_second_and_never_evicts(data_dir: Path) -> None:
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction"}
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert redis_client.config_get(*wanted) == wanted


@pytest.mark.parametrize("name", ["with a space and 'quotes'", "Дані-データ", "long/" + "x" * 120])
def test_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    data_dir = tmp_path / name
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert len(os.fsencode(running.socket_path)) <= 107
        assert redis_client.incr("starts") == 1
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert redis_client.incr("starts") == 2


def test_last_user_out_stops_the_server(data_dir: Path) -> None:
    first = ensure_running(data_dir)
    second = ensure_running(data_dir)
    assert (second.pid, first.owned, second.owned) == (first.pid, True, False)
    first.close()
    with client(second) as redis_client:
        assert redis_client.ping()
    second.close()
    assert not serves(data_dir)


def test_closing_twice_leaves_other_users_alone(data_dir: Path) -> None:
    first = ensure_running(data_dir)
    with ensure_running(data_dir) as second, client(second) as redis_client:
        first.close()
        first.close()
        assert redis_client.ping()


def test_asking_whether_it_runs_starts_nothing_and_leaves_no_trace(data_dir: Path) -> None:
    assert not is_running(data_dir)
    assert not data_dir.exists()
    with ensure_running(data_dir):
        assert is_running(data_dir)
    assert not is_running(data_dir)


def test_racing_processes_share_one_server(data_dir: Path) -> None:
    racers = run_python(
        """
        import os, sys
        from pathlib import Path
        from siegewatch.store.embedded import ensure_running

        ready_to_close, close = os.pipe()
        for _ in range(10):
            if os.fork() == 0:
                os.close(close)
                with ensure_running(Path(sys.argv[1])) as running:
                    os.write(1, f"{running.pid} {running.owned}\\n".encode())
                    os.read(ready_to_close, 1)
                os._exit(0)
        sys.stdin.read()
        os.close(close)
        sys.exit(sum(os.wait()[1] for _ in range(10)))
        """,
        data_dir,
    )
    assert racers.stdout is not None
    lines = [racers.stdout.readline().split() for _ in range(10)]
    racers.communicate("")
    assert racers.returncode == 0
    assert len({pid for pid, _ in lines}) == 1
    assert sorted(owned for _, owned in lines) == ["False"] * 9 + ["True"]
    assert not serves(data_dir)


def test_orphan_of_a_killed_service_is_adopted_and_ended(data_dir: Path) -> None:
    service = run_python(
        """
        import sys
        from pathlib import Path
        import redis
        from siegewatch.store.embedded import ensure_running

        running = ensure_running(Path(sys.argv[1]))
        redis.Redis(unix_socket_path=str(running.socket_path)).set("word", "kept")
        print(running.pid, flush=True)
        sys.stdin.read()
        """,
        data_dir,
    )
    assert service.stdout is not None
    orphan = int(service.stdout.readline())
    service.kill()
    service.communicate()
    assert serves(data_dir)
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert (running.pid, running.owned) == (orphan, False)
        assert redis_client.get("word") == "kept"
    assert not serves(data_dir)


def test_killed_server_comes_back_with_every_acknowledged_write(data_dir: Path) -> None:
    with ensure_running(data_dir) as running, client(running) as redis_client:
        for number in range(1000):
            redis_client.set(f"key{number}", number)
        os.kill(running.pid, signal.SIGKILL)
        until(lambda: not serves(data_dir))
        ensure_running(data_dir).close()
        assert redis_client.dbsize() == 1000
        assert serves(data_dir), "who started it anew must not stop it while others use it"


def test_server_with_a_deleted_lock_file_gets_no_second_one_beside_it(data_dir: Path) -> None:
    with ensure_running(data_dir) as first:
        (data_dir / "store" / "server.lock").unlink()
        with ensure_running(data_dir) as second:
            assert second.pid == first.pid


def test_cut_append_only_file_loads_up_to_the_cut(data_dir: Path) -> None:
    with ensure_running(data_dir) as running, client(running) as redis_client:
        redis_client.set("first", "kept")
        redis_client.set("second", "cut off")
    (log,) = (data_dir / "store" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(log.read_bytes()[:-4])
    with ensure_running(data_dir) as running, client(running) as redis_client:
        assert redis_client.mget("first", "second") == ["kept", None]


def test_corrupt_append_only_file_is_told_in_the_servers_own_words(data_dir: Path) -> None:
    with ensure_running(data_dir) as running, client(running) as redis_client:
        redis_client.set("first", "x" * 100)
    (log,) = (data_dir / "store" / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(b"garbage\n" * 10 + log.read_bytes())
    with pytest.raises(StoreError, match="Bad file format reading the append only file"):
        ensure_running(data_dir)
    assert not serves(data_dir)


def test_log_of_the_server_is_bounded(data_dir: Path) -> None:
    ensure_running(data_dir).close()
    log = data_dir / "store" / "valkey.log"
    with log.open("ab") as grown:
        grown.truncate(10 * 2**20 + 1)
    ensure_running(data_dir).close()
    assert log.stat().st_size < 10_000


def test_full_disk_stops_writes_and_loses_nothing(data_dir: Path) -> None:
    """A limit on file size stands for the full disk: the server meets a failing write(2) either way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with ExitStack() as limited:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        limited.callback(resource.setrlimit, resource.RLIMIT_FSIZE, (soft, hard))
        running = ensure_running(data_dir)
    accepted: list[int] = []
    with client(running) as redis_client:
        with pytest.raises(ResponseError, match="MISCONF"):
            _fill(redis_client, accepted)
        running.close()
        assert serves(data_dir), "it holds accepted writes that are not on disk yet"
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (soft, hard))
        until(lambda: redis_client.info("persistence")["aof_last_write_status"] == "ok")
        redis_client.set("later", "works")
    ensure_running(data_dir).close()
    assert not serves(data_dir)
    with ensure_running(data_dir) as again, client(again) as redis_client:
        assert redis_client.dbsize() == len(accepted) + 1


def _fill(redis_client: redis.Redis, accepted: list[int]) -> None:
    """Writes 5 MB, and notes what the server accepts."""
    for number in range(1000):
        redis_client.set(f"key{number}", "x" * 5000)
        accepted.append(number)


def test_loading_server_is_waited_for(data_dir: Path) -> None:
    """A stand-in that holds the server's lock and says three times that it loads."""
    store = data_dir / "store"
    store.mkdir(parents=True)
    answers = [1, 1, 1, 0, 0]
    with (store / "server.lock").open("wb") as lock, socket.socket(socket.AF_UNIX) as listener:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listener.bind(str(store / "valkey.sock"))
        listener.listen()
        stand_in = threading.Thread(target=_answer, args=(listener, answers, lock.fileno()))
        stand_in.start()
        with ensure_running(data_dir) as running:
            assert (running.pid, running.owned, answers) == (4711, False, [0])
        stand_in.join()
        assert answers == []


def _answer(listener: socket.socket, answers: list[int], lock: int) -> None:
    """Serves INFO until SHUTDOWN, which gives the lock back as a dying process does."""
    while True:
        connection, _ = listener.accept()
        with connection:
            while asked := connection.recv(4096):
                if b"SHUTDOWN" in asked:
                    fcntl.flock(lock, fcntl.LOCK_UN)
                    return
                connection.sendall(b"+OK\r\n" * asked.count(b"SETINFO"))
                if b"INFO\r\n" in asked.replace(b"SETINFO\r\n", b""):
                    body = f"loading:{answers.pop(0)}\r\nprocess_id:4711\r\naof_last_write_status:ok\r\n".encode()
                    connection.sendall(b"$%d\r\n%s\r\n" % (len(body), body))


def test_unknown_machine_is_told_to_set_the_address_of_a_store(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.platform, "machine", lambda: "riscv64")
    with pytest.raises(StoreError, match=r"no embedded store for linux on riscv64: set store\.url"):
        ensure_running(data_dir)


def test_data_of_another_user_is_refused_instead_of_half_taken_over(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_running(data_dir).close()
    other = os.geteuid() + 1
    monkeypatch.setattr(embedded.os, "geteuid", lambda: other)
    with pytest.raises(StoreError, match="belongs to the user with id"):
        ensure_running(data_dir)


def test_unusable_data_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StoreError, match=r"data: .*(Not a directory|File exists)"):
        ensure_running(tmp_path / "data")
