"""The page that links in alerts lead to, served as it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import fakeredis
import pytest

from siegewatch.apps.current import Current
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import Reply, Way
from siegewatch.notify.sample import sample_alert
from siegewatch.settings import load
from siegewatch.settings.quantities import Listen
from siegewatch.store import codec
from siegewatch.store.client import Store
from siegewatch.store.keys import Keys
from siegewatch.wiring import asking, memory, now

SECRET = "correct horse battery staple"
ENVIRON = {
    "SIEGEWATCH_FEEDBACK__SECRET": SECRET,
    "SIEGEWATCH_WEB__PUBLIC_URL": "https://desk.example",
    # Beyond loopback, where all else needs the token.
    "SIEGEWATCH_WEB__LISTEN": "0.0.0.0:8350",
    "SIEGEWATCH_WEB__TOKEN": "t0ken",
}


@dataclass
class Page:
    """A server, what its store remembers, and its clock."""

    address: Listen
    store: Store
    alert: Alert
    link: str
    at: datetime

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, str, str]:
        connection = HTTPConnection(self.address.host, self.address.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            return got.status, got.read().decode(), got.headers.get("content-security-policy", "")
        finally:
            connection.close()

    def answer(self, **fields: str) -> tuple[int, str, str]:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(self.link, "POST", urlencode(fields), **form)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    (tmp_path / "feeds.yaml").write_text("feeds: []")
    settings = load(tmp_path, ENVIRON)
    store = Store(fakeredis.FakeRedis(), Keys("sw:"))
    alert = sample_alert(now())
    store.redis.set(f"sw:alert:{alert.id}", codec.dump(alert))
    current = Current(settings, memory(settings, store))
    link = asking(settings).link(alert).removeprefix("https://desk.example")
    made = Page(Listen("127.0.0.1", 0), store, alert, link, now())
    app = make_app(current, dict, Metrics(current, now), serves_api=True, clock=lambda: made.at)
    server = WebServer(app, made.address)
    server.start()
    made.address = server.address
    yield made
    server.stop()


def said(page: Page) -> list[tuple[Reply, str, Way, str]]:
    from siegewatch.store.feedback import FeedbackStore

    return [(one.reply, one.by, one.way, one.note) for one in FeedbackStore(page.store).of(page.alert.id)]


def test_following_the_link_asks_and_answers_nothing(page: Page) -> None:
    for method in ("GET", "HEAD", "GET"):
        assert page.ask(page.link, method)[0] == 200
    _, text, policy = page.ask(page.link)
    assert all(f'value="{reply}"' in text for reply in Reply)
    assert "form-action 'self'" in policy
    assert "script" not in text
    assert said(page) == []


def test_pressing_a_button_answers(page: Page) -> None:
    status, text, _ = page.answer(reply="wrong", by="Anna", note="a film")
    assert status == 200
    assert "Noted: Wrong" in text
    assert said(page) == [(Reply.WRONG, "Anna", Way.LINK, "a film")]
    assert "Wrong: Anna" in page.ask(page.link)[1]


def test_what_people_write_is_text_on_the_page(page: Page) -> None:
    page.answer(reply="have", by="<script>alert(1)</script>")
    assert "<script" not in page.ask(page.link)[1]
    assert "&lt;script&gt;" in page.ask(page.link)[1]


def test_a_form_that_is_none_of_ours_is_refused(page: Page) -> None:
    assert page.answer(reply="perhaps")[0] == 422
    assert page.answer()[0] == 422
    assert page.answer(reply="right", note="x" * 20_000)[0] == 413
    assert page.answer(**{f"field{number}": "x" for number in range(60)})[0] == 400
    assert said(page) == []


def test_a_link_that_was_changed_leads_nowhere(page: Page) -> None:
    name, until, signature = page.link.rsplit("/", 3)[1:]
    for path in (f"/f/other/{until}/{signature}", f"/f/{name}/{int(until) + 9}/{signature}", f"/f/{name}/{until}/0"):
        assert page.ask(path)[0] == 404
        assert page.ask(path, "POST", "reply=right")[0] == 404


def test_a_link_whose_days_are_over_says_what_to_do(page: Page) -> None:
    page.at += timedelta(days=15)
    assert page.ask(page.link)[0] == 410
    status, text, _ = page.answer(reply="right")
    assert status == 410
    assert "siegewatch feedback add" in text
    assert said(page) == []


def test_everything_else_still_needs_the_token(page: Page) -> None:
    assert page.ask(f"/api/v1/alerts/{page.alert.id}/feedback")[0] == 401
    page.answer(reply="late", by="Ben")
    status, text, _ = page.ask(f"/api/v1/alerts/{page.alert.id}/feedback", Authorization="Bearer t0ken")
    assert status == 200
    assert '"reply":"late"' in text
    assert page.ask("/api/v1/alerts/nosuch/feedback", Authorization="Bearer t0ken")[0] == 404
