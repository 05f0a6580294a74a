"""Many processes on one Redis, each in its role: every item once, every alert once."""

import shutil
import signal
import subprocess

import pytest

PLACES = ["Raqqa", "Aleppo", "Palmyra", "Kobani", "Idlib", "Mosul", "Tikrit", "Ramadi", "Fallujah", "Sirte"]


@pytest.fixture
def redis_url(tmp_path, listening):
    path = tmp_path / "redis.sock"
    command = [shutil.which("redis-server") or "redis-server", "--port", "0", "--unixsocket", str(path), "--save", ""]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    listening(path)
    yield f"unix://{path}"
    server.terminate()
    server.wait(10)


@pytest.mark.redis
def test_roles_on_one_redis_share_the_work_and_double_nothing(line, web, told, redis_url):
    served = []
    feeds = {
        name: web.feed(f"/{name}", lambda name=name: [one for one in served if name in one.link])
        for name in ("courier", "herald")
    }
    line.configure(feeds, store={"url": redis_url})
    for role in ("collect", "collect", "detect", "detect", "notify", "notify"):
        line.start("--role", role)
    line.until(lambda: len(line.events("siegewatch")) == 6)
    for number, place in enumerate(PLACES):
        served.append(told(f"Rebels besiege the city of {place}", f"https://courier.example/{number}"))
        served.append(told(f"Insurgents surround {place}, residents say", f"https://herald.example/{number}"))
    line.until(lambda: line.decided() == 2 * len(PLACES))
    line.until(lambda: len(web.alerts()) >= len(PLACES))
    assert "no process" in line.failing("health", "--role", "web")
    line.until(lambda: line.ended("health", "--role", "detect").returncode == 0)
    for _ in range(len(line.running)):
        assert line.stop(signal.SIGTERM) == 0
    assert len(web.alerts()) == len(web.slack()) == len(PLACES)
    stories = line.json("stories", "list")
    assert len(stories) == len(PLACES)
    assert {story["items"] for story in stories} == {2}
