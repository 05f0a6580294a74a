"""Runs outside of Docker what the Dockerfile and docker-compose.yml would run inside.

Every entrypoint, command and health check is read out of the two files and run with the environment they set and with
nothing else, on a tree that may not change. Only addresses are translated: folders of the container to folders of the
test, ports to free ones, the host `redis` to loopback.
"""

import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
import yaml

from siegewatch.store.embedded import ensure_running, is_running

ROOT = Path(__file__).parents[2]
ROLES = ("collect", "detect", "notify", "web")
PASSWORD, TOKEN = "5ec2e7" * 10, "70ce4" * 10

FEEDS = """
feeds:
  - {url: "https://127.0.0.1:9/world.xml", name: Refused before anything is sent}
"""


def instructions(path: Path) -> list[tuple[str, str]]:
    """A Dockerfile's instructions as (name, rest), lines joined, comments left out."""
    text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    lines = text.replace("\\\n", " ").splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def last_stage(path: Path) -> dict[str, str]:
    """The instructions of the final image by name; the last of a name counts, as in a build."""
    found = instructions(path)
    begin = max(number for number, (name, _) in enumerate(found) if name == "FROM")
    return dict(found[begin:])


def image_environment() -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(last_stage(ROOT / "Dockerfile")["ENV"]))


def interpolated(value: Any) -> Any:
    """What compose makes of `$$` and `${NAME:-default}`, with no such variable set."""
    if isinstance(value, dict):
        return {key: interpolated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [interpolated(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\$(\$)|\$\{\w+:-([^}]*)\}", lambda form: form[1] or form[2], value)
    return value


def compose() -> dict[str, Any]:
    return interpolated(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def service(name: str) -> dict[str, Any]:
    return compose()["services"][name]


def health_check(described: Mapping[str, Any]) -> list[str]:
    kind, *rest = described["healthcheck"]["test"]
    return ["sh", "-c", *rest] if kind == "CMD-SHELL" else rest


def image_health_check() -> list[str]:
    return json.loads(last_stage(ROOT / "Dockerfile")["HEALTHCHECK"].partition(" CMD ")[2])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@dataclass(frozen=True)
class Outside:
    """Where the test keeps what the container has at its own paths, addresses and ports."""

    home: Path
    redis_port: int
    web_port: int

    def translated(self, text: str) -> str:
        places = {
            r"/opt/siegewatch\b": sys.prefix,
            r"/run/secrets\b": str(self.home / "secrets"),
            r"/data\b": str(self.home / "data"),
            r"/tmp\b": str(self.home / "tmp"),
            r"\bredis:6379\b": f"127.0.0.1:{self.redis_port}",
            r"(?<=-p )6379\b|(?<=--port )6379\b": str(self.redis_port),
            r"\b0\.0\.0\.0:8350\b": f"0.0.0.0:{self.web_port}",
        }
        one_pass = "|".join(f"({pattern})" for pattern in places)
        return re.sub(one_pass, lambda found: list(places.values())[found.lastindex - 1], text)

    @property
    def tree(self) -> Path:
        """The container's working folder."""
        return self.home / "srv" / "siegewatch"

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """As in the container, whose user has no home."""
        inside = image_environment() | dict(extra)
        inside["PATH"] = inside["PATH"].replace("$PATH", "/usr/bin:/bin")
        return {name: self.translated(value) for name, value in inside.items()} | {"HOME": "/nonexistent"}

    def start(self, command: Sequence[str], extra: Mapping[str, str]) -> subprocess.Popen[str]:
        with (self.home / "output").open("a") as output:
            return subprocess.Popen(
                [self.translated(word) for word in command],
                cwd=self.tree,
                env=self.environment(extra),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def told(self) -> str:
        """What all processes have printed so far."""
        output = self.home / "output"
        return output.read_text() if output.exists() else ""

    def passes(self, check: Sequence[str], extra: Mapping[str, str]) -> bool:
        """Whether a health check says that all is well."""
        with ended(self.start(check, extra)) as process:
            return process.wait(60) == 0


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Sees to it that the process is gone afterwards."""
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """A tree as in the image, but for its feeds, that nobody may write and that nobody has written."""
    found = Outside(tmp_path, free_port(), free_port())
    for name in ("secrets", "data", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "secrets" / "redis_password").write_text(PASSWORD)
    (tmp_path / "secrets" / "web_token").write_text(TOKEN)
    shutil.copytree(ROOT / "config", found.tree / "config")
    (found.tree / "config" / "feeds.yaml").write_text(FEEDS)
    before = {path: path.stat().st_mtime_ns for path in found.tree.rglob("*")}
    for path in (found.tree, *before):
        path.chmod(path.stat().st_mode & ~0o222)
    yield found
    if is_running(tmp_path / "data"):
        ensure_running(tmp_path / "data").close()
    assert "Traceback" not in found.told()
    assert {path: path.stat().st_mtime_ns for path in found.tree.rglob("*")} == before
    for path in (found.tree, *before):
        path.chmod(path.stat().st_mode | 0o200)


@pytest.fixture
def shared_redis(outside: Outside) -> Iterator[subprocess.Popen[str]]:
    """The compose file's Redis."""
    with ended(outside.start(service("redis")["command"], {})) as process:
        wait_until(lambda: answers(outside), process, outside)
        yield process


def answers(outside: Outside) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", outside.redis_port)) == 0


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str], outside: Outside) -> None:
    deadline = time.monotonic() + 90
    while not true():
        assert process.poll() is None, f"it ended with exit code {process.returncode}:\n{outside.told()}"
        assert time.monotonic() < deadline, f"waited 90 s in vain:\n{outside.told()}"
        time.sleep(0.2)


def stopped(process: subprocess.Popen[str]) -> int:
    """The exit code after what `docker stop` sends."""
    process.send_signal(signal.SIGTERM)
    return process.wait(30)


def test_image_is_built_from_files_that_exist_and_are_sent_to_the_builder() -> None:
    copied = [
        rest.split() for name, rest in instructions(ROOT / "Dockerfile") if name == "COPY" and "--from" not in rest
    ]
    sources = {source.removeprefix("./") for words in copied for source in words[:-1]}
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert sources == sent
    assert [source for source in sources if not (ROOT / source).exists()] == []


def test_image_version_is_the_packages_version() -> None:
    labels = last_stage(ROOT / "Dockerfile")["LABEL"]
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f'image.version="{version[1]}"' in labels
    assert service("web")["image"] == f"siegewatch:{version[1]}"


def test_image_health_check_fails_where_nothing_runs(outside: Outside) -> None:
    assert not outside.passes(image_health_check(), {})
    assert "no siegewatch runs" in outside.told()


def test_image_serves_by_its_default_command_and_passes_its_health_check(outside: Outside) -> None:
    stage = last_stage(ROOT / "Dockerfile")
    command = json.loads(stage["ENTRYPOINT"]) + json.loads(stage["CMD"])
    extra = {"SIEGEWATCH_WEB__LISTEN": f"127.0.0.1:{outside.web_port}"}
    with ended(outside.start(command, extra)) as process:
        wait_until(lambda: outside.passes(image_health_check(), extra), process, outside)
        ready = requests.get(f"http://127.0.0.1:{outside.web_port}/readyz", timeout=10)
        assert ready.status_code == 200, ready.text
        assert stopped(process) == 0
    assert (outside.home / "data" / "store" / "appendonlydir").is_dir()


@pytest.mark.redis
@pytest.mark.parametrize("role", ROLES)
def test_role_of_the_compose_file_serves_and_passes_its_health_check(
    outside: Outside, shared_redis: subprocess.Popen[str], role: str
) -> None:
    described = service(role)
    extra = described["environment"]
    check = health_check(described)
    assert not outside.passes(check, extra), "nothing runs yet"
    command = json.loads(last_stage(ROOT / "Dockerfile")["ENTRYPOINT"]) + described["command"]
    with ended(outside.start(command, extra)) as process:
        wait_until(lambda: outside.passes(check, extra), process, outside)
        page = f"http://127.0.0.1:{outside.web_port}"
        assert requests.get(f"{page}/healthz", timeout=10).status_code == 200
        assert requests.get(f"{page}/metrics", timeout=10).status_code == 401
        allowed = {"Authorization": f"Bearer {TOKEN}"}
        assert requests.get(f"{page}/metrics", timeout=10, headers=allowed).status_code == 200
        assert stopped(process) == 0


@pytest.mark.redis
def test_redis_of_the_compose_file_keeps_everything_behind_its_password(
    outside: Outside, shared_redis: subprocess.Popen[str]
) -> None:
    assert outside.passes(health_check(service("redis")), {})
    with redis.Redis(port=outside.redis_port, password=PASSWORD, decode_responses=True, protocol=2) as client:
        wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        assert client.config_get(*wanted) == wanted
    with redis.Redis(port=outside.redis_port, protocol=2) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert PASSWORD not in Path(f"/proc/{shared_redis.pid}/cmdline").read_text()
    assert stopped(shared_redis) == 0
    assert not outside.passes(health_check(service("redis")), {})


def test_page_alone_is_published_and_on_loopback_alone() -> None:
    published = {name: described["ports"] for name, described in compose()["services"].items() if "ports" in described}
    assert published == {"web": ["127.0.0.1:8350:8350"]}


def asked_by_channels() -> set[str]:
    """The variables of the channels in the shipped file, commented ones included."""
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "config" / "alerts.yaml").read_text()))


SLACK_APP = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"}
"""What web needs as well: it knows Slack's clicks by one, and shows them in the message by the other."""


def test_secrets_of_channels_are_given_to_notify_alone_and_those_of_the_slack_app_to_web() -> None:
    raw = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    names = asked_by_channels()
    assert {"SLACK_WEBHOOK_URL", "WEBHOOK_SECRET", "SMTP_PASSWORD"} <= names
    told = {(role, name) for role in ROLES for name in names if raw[role]["environment"][name]}
    assert told == {("notify", name) for name in names} | {("web", name) for name in SLACK_APP}


@pytest.mark.parametrize("name", [*ROLES, "redis"])
def test_every_service_is_confined(name: str) -> None:
    described = service(name)
    assert described["read_only"]
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert described["restart"] == "unless-stopped"
    assert set(described["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(described["logging"]["options"]) == {"max-size", "max-file"}
    assert "container_name" not in described, "a name would keep the service from being scaled"


def test_environment_of_the_compose_file_names_channels_that_the_configuration_asks_for() -> None:
    assert asked_by_channels() <= set(service("notify")["environment"])
