"""A hub on loopback, and beside it the publisher whose feed names it."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def rss(titles: list[str], at: datetime, links: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate></item>"
        for title in titles
    )
    head = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Courier</title>{links}'
    return f"{head}{items}</channel></rss>".encode()


@dataclass
class Hub:
    """A hub, and beside it the publisher whose feed names it."""

    status: int = 202
    location: str = ""
    titles: list[str] = field(default_factory=list)
    header: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    on_request: Callable[[], object] = lambda: None

    def start(self) -> None:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                links = f'<atom:link rel="hub" href="{hub.url("/hub")}"/><atom:link rel="self" href="{hub.topic}"/>'
                headers = {"Link": hub.header} if hub.header else {}
                self.answer(200, rss(hub.titles, NOON, links), headers)

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
                hub.requests.append({name: values[0] for name, values in form.items()} | {"path": self.path})
                hub.on_request()
                moved = self.path == "/hub" and hub.location
                self.answer(308 if moved else hub.status, b"", {"Location": hub.location} if moved else {})

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    @property
    def topic(self) -> str:
        return self.url("/feed")

    def come_back(self, **said: str) -> tuple[int, bytes]:
        """Asks the subscriber whether the last request was its own, or says what else is to be said."""
        verify = {"mode": "subscribe", "topic": self.topic, "challenge": "<c/>", "lease_seconds": "864000"}
        query = urlencode({f"hub.{name}": value for name, value in (verify | said).items()})
        return ask("GET", f"{self.requests[-1]['hub.callback']}?{query}")

    def push(self, titles: list[str], *, secret: str | None = None, method: str = "sha256", request: int = -1) -> int:
        return self.push_body(rss(titles, NOON), secret=secret, method=method, request=request)

    def push_body(self, body: bytes, *, secret: str | None = None, method: str = "sha256", request: int = -1) -> int:
        asked = self.requests[request]
        key = asked["hub.secret"] if secret is None else secret
        headers = {"Content-Type": "application/rss+xml"}
        if key:
            headers["X-Hub-Signature"] = f"{method}={hmac.new(key.encode(), body, method).hexdigest()}"
        return ask("POST", asked["hub.callback"], body, headers)[0]


def ask(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
