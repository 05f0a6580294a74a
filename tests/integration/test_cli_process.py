"""The console script as a process: exit codes, signals, pipes, a real store, a real model, loopback feeds."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from siegewatch.settings import load
from siegewatch.store.alive import Beat
from siegewatch.wiring import memory, opened_store

SCRIPT = [sys.executable, "-c", "from siegewatch.apps.cli import main; main()"]
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example Times</title>
<item><title>Rain expected</title><guid>g-1</guid><link>https://example.org/rain</link>
<pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item></channel></rss>"""


PAGE = '<!doctype html><link rel="alternate" type="application/rss+xml" href="/'


class Feed(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        pages = {"/rss": RSS, "/page": f'{PAGE}rss">{PAGE}atom">'}
        if self.headers["Authorization"] == "Bearer s3cret":
            pages["/members"] = RSS
        found = self.path in pages
        body = pages.get(self.path, "gone").encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the tests' output clean."""


@pytest.fixture(scope="module")
def feed_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "siegewatch.yaml").write_text(f"data_dir: {tmp_path / 'data'}\nnetwork: {{allow: [127.0.0.0/8]}}\n")
    (folder / "feeds.yaml").write_text("feeds: []\n")
    return folder


def environment(tmp_path: Path) -> Mapping[str, str]:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    # Without CI=true, by which libraries that send usage data home keep still: nothing may be left in the scratch.
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**inherited, "COLUMNS": "80", "TMPDIR": str(scratch)}


def siegewatch(tmp_path: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SCRIPT, *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        env=environment(tmp_path),
        cwd=tmp_path,
        check=False,
    )


@contextmanager
def started(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [*SCRIPT, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, env=environment(tmp_path), cwd=tmp_path
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def item(name: str, title: str, published: str, **keys: str) -> str:
    return json.dumps({"id": name, "title": title, "published": published, "outlet": "Example Times", **keys}) + "\n"


ITEMS = (
    item("storm", "Rebels launch offensive to capture Aleppo", "2026-03-01T10:00:00Z", link="https://example.org/1")
    + item("again", "REBELS LAUNCH OFFENSIVE TO CAPTURE ALEPPO", "2026-03-01T11:00:00Z", link="https://example.net/2")
    + "no item\n"
    + item("storm", "Rebels capture Aleppo, army retreats", "2026-03-01T13:00:00Z")
    + item("early", "Cup final postponed", "2026-03-01T09:00:00Z")
    + item("storm", "Rebels capture Aleppo, army retreats", "2026-03-01T14:00:00Z")
)


def test_replay_tells_what_would_have_become_of_each_item_and_leaves_nothing_behind(tmp_path: Path) -> None:
    done = siegewatch(tmp_path, "replay", given=ITEMS)
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["id"], row["outcome"], row["repeat_of"], row["change"]) for row in rows] == [
        ("early", "new", None, None),
        ("storm", "new", None, "opened"),
        ("again", "repeat", "storm", None),
        (None, "invalid", None, None),
        ("storm", "update", None, "phase"),
        ("storm", "repeat", "storm", None),
    ]
    assert list(rows[0]) == ["id", "outcome", "repeat_of", "events", "story", "change", "alerts"]
    alerts = [alert for row in rows for alert in row["alerts"]]
    assert [(alert["channel"], alert["severity"]) for alert in alerts] == [("console", "flash"), ("console", "flash")]
    assert "6 items: 1 invalid, 2 new, 2 repeat, 1 update; 2 alerts" in done.stderr
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_replay_that_is_ended_takes_its_store_with_it(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text("".join(item(str(n), f"Cup final {n} postponed", "2026-03-01T09:00:00Z") for n in range(60_000)))
    with started(tmp_path, "replay", str(many)) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.send_signal(sent)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in said
    assert list((tmp_path / "scratch").iterdir()) == []


def test_classify_speaks_of_events_with_the_model_that_ships(tmp_path: Path) -> None:
    done = siegewatch(tmp_path, "classify", "--text", "Rebels capture Aleppo, army retreats")
    [event] = json.loads(done.stdout)["events"]
    assert (event["kind"], event["phase"], event["taken"], event["country"]) == ("offensive", "advance", True, "SY")


def test_reader_that_leaves_is_no_failure_of_ours(tmp_path: Path, config: Path) -> None:
    feeds = "".join(f'  - {{url: "https://example.org/{number}", name: Feed {number}}}\n' for number in range(3_000))
    (config / "feeds.yaml").write_text("feeds:\n" + feeds)
    with started(tmp_path, "feeds", "list", "--format", "json", "--config", str(config)) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
        process.wait(60)
    assert (process.returncode, said) == (141, b"")


def test_full_disk_is_told_in_one_line(tmp_path: Path, config: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*SCRIPT, "plugins", "--config", str(config)], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "siegewatch: [Errno 28] No space left on device\n")


def test_health_without_a_service_is_1_and_starts_nothing(tmp_path: Path, config: Path) -> None:
    done = siegewatch(tmp_path, "health", "--config", str(config))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"siegewatch: no siegewatch runs on {tmp_path / 'data'}\n"
    assert not (tmp_path / "data").exists()


def test_commands_join_the_store_of_the_running_service(tmp_path: Path, config: Path) -> None:
    settings = load(config, {})
    with opened_store(settings) as store:
        memory(settings, store).heartbeats.beat({"detect": Beat("host:1", datetime.now(UTC))})
        done = siegewatch(tmp_path, "health", "--role", "detect", "--config", str(config))
        listed = siegewatch(tmp_path, "alerts", "list", "--format", "json", "--config", str(config))
        store.ping()
    assert (done.returncode, done.stdout.split()[-3:]) == (0, ["detect", "1", "–"])
    assert (listed.returncode, listed.stdout) == (0, "[]\n")


def test_store_that_is_not_there_exits_1(tmp_path: Path, config: Path) -> None:
    (config / "siegewatch.yaml").write_text(f"store: {{url: 'unix://{tmp_path}/none.sock'}}\n")
    done = siegewatch(tmp_path, "stories", "list", "--config", str(config))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("siegewatch: unix://")


def test_feeds_test_shows_what_would_be_read(tmp_path: Path, feed_server: str) -> None:
    address = f"{feed_server}/rss"
    done = siegewatch(tmp_path, "feeds", "test", address, "--allow", "127.0.0.0/8", "--format", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["status"], told["format"], told["title"]) == (0, 200, "rss20", "Example Times")
    assert [entry["title"] for entry in told["items"]] == ["Rain expected"]
    assert len(told["items"][0]["identities"]) == 2
    shown = siegewatch(tmp_path, "feeds", "test", address, "--allow", "127.0.0.0/8").stdout
    assert "2026-03-01 10:00  Rain expected" in shown


def test_feeds_test_lists_the_feeds_of_a_page(tmp_path: Path, feed_server: str) -> None:
    told = siegewatch(tmp_path, "feeds", "test", f"{feed_server}/page", "--allow", "127.0.0.0/8", "--format", "json")
    assert (told.returncode, json.loads(told.stdout)["feeds"]) == (1, [f"{feed_server}/rss", f"{feed_server}/atom"])
    assert told.stderr.startswith("siegewatch: this is a web page; its feeds are: ")
    shown = siegewatch(tmp_path, "feeds", "test", f"{feed_server}/page", "--allow", "127.0.0.0/8").stdout
    assert f"feed of the page  {feed_server}/atom" in shown


def test_feeds_test_asks_as_the_configuration_says(tmp_path: Path, config: Path, feed_server: str) -> None:
    url = f"{feed_server}/members"
    (config / "feeds.yaml").write_text(f"feeds: [{{url: '{url}', name: Members, auth: {{bearer: s3cret}}}}]\n")
    done = siegewatch(tmp_path, "feeds", "test", url, "--config", str(config))
    assert (done.returncode, done.stderr) == (0, "")
    listed = siegewatch(tmp_path, "feeds", "list", "--format", "json", "--config", str(config))
    assert "s3cret" not in done.stdout + listed.stdout


def test_feeds_test_of_a_private_address_is_refused(tmp_path: Path, feed_server: str) -> None:
    done = siegewatch(tmp_path, "feeds", "test", f"{feed_server}/rss")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "loopback" in done.stderr


def test_check_online_tries_store_feeds_and_channels(tmp_path: Path, config: Path, feed_server: str) -> None:
    (config / "feeds.yaml").write_text(
        f"feeds: [{{url: '{feed_server}/rss', name: Good}}, {{url: '{feed_server}/none', name: Bad}}]\n"
    )
    (config / "alerts.yaml").write_text(
        f"channels: [{{name: desk, type: slack, url: '{feed_server}/hook'}}]\nroutes: [{{channels: [desk]}}]\n"
    )
    done = siegewatch(tmp_path, "check", "--online", "--format", "json", "--config", str(config))
    tried = {one["name"]: one["problem"] for one in json.loads(done.stdout)["tried"]}
    assert tried == {
        f"in {tmp_path / 'data'}": None,
        "Good": None,
        "Bad": "the server answers 404 Not Found",
        "desk": None,
    }
    assert (done.returncode, done.stderr) == (1, "siegewatch: 1 of 4 tries failed\n")


def test_silence_added_by_one_process_is_listed_and_ended_by_others(tmp_path: Path, config: Path) -> None:
    with opened_store(load(config, {})):
        who = ("--author", "anna", "--reason", "drill")
        what = ("--match", "country=SY", "--for", "2h", *who)
        added = siegewatch(tmp_path, "silence", "add", *what, "--config", str(config))
        [found] = json.loads(
            siegewatch(tmp_path, "silence", "list", "--format", "json", "--config", str(config)).stdout
        )
        ended = siegewatch(tmp_path, "silence", "expire", found["id"], "--config", str(config))
    assert (added.returncode, found["match"], found["reason"]) == (0, {"country": ["SY"]}, "drill")
    assert (ended.returncode, ended.stdout) == (0, f"{found['id']}: ended\n")
