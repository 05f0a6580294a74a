"""The demo's other side: a feed server that follows a programme, and an inbox that checks every signature."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

import yaml
from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Scene:
    """One thing that a sample feed publishes, `at` seconds after the start."""

    at: int
    feed: str
    link: str
    title: str
    summary: str
    edit_of: str | None = None


def programme() -> tuple[Scene, ...]:
    """All that the sample feeds publish."""
    text = (files("siegewatch.apps.demo") / "programme.yaml").read_text(encoding="utf-8")
    return tuple(Scene(**row) for row in yaml.safe_load(text))


def document(feed: str, scenes: Iterable[Scene], begun_at: datetime, now: datetime) -> bytes:
    """A sample feed as RSS 2.0, as it stands at `now`; an edit keeps link and date of what it replaces."""
    out = [scene for scene in scenes if scene.feed == feed and begun_at + timedelta(seconds=scene.at) <= now]
    latest = {scene.edit_of or scene.link: scene for scene in out}
    first = {scene.link: scene for scene in out if not scene.edit_of}
    items = "".join(_item(scene, begun_at + timedelta(seconds=first[link].at)) for link, scene in latest.items())
    head = f"<title>{escape(feed)}</title><link>https://demo.example/</link><description>invented</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _item(scene: Scene, published_at: datetime) -> str:
    link = f"https://demo.example/{quote(scene.feed)}{scene.edit_of or scene.link}"
    return (
        f"<item><title>{escape(scene.title)}</title><link>{link}</link><description>{escape(scene.summary)}"
        f"</description><pubDate>{format_datetime(published_at)}</pubDate></item>"
    )


@dataclass(frozen=True)
class Stage:
    """Serves the sample feeds and the inbox on a free port of this machine."""

    scenes: tuple[Scene, ...]
    secret: str
    clock: Callable[[], datetime]
    say: Callable[[str], None]

    def open(self) -> ThreadingHTTPServer:
        """Begins; the caller shuts the server down."""
        stage, begun_at = self, self.clock()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed = unquote(self.path.removeprefix("/feeds/"))
                self._answer(document(feed, stage.scenes, begun_at, stage.clock()))

            def do_POST(self) -> None:
                stage.receive(self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers))
                self._answer(b"ok")

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """The service logs each poll itself."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        return server

    def receive(self, body: bytes, headers: dict[str, Any]) -> None:
        """Says what came into the inbox, and whether its signature holds."""
        names = {name.lower(): value for name, value in headers.items()}
        try:
            told = Webhook(self.secret).verify(body.decode(), names)
        except WebhookVerificationError as error:
            self.say(f"inbox: a webhook with a bad signature: {error}")
            return
        self.say(f"inbox: {told['type']} {told['data']['severity']}, signature good, {names['webhook-id']}")
