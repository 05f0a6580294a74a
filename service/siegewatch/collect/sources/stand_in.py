"""Feeds that are broken on purpose, on this host, in place of one that a source can read."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import unquote, urlsplit

from siegewatch.domain.feed import Feed
from siegewatch.settings.sources import LOCAL

SECRET = "hunter2canary"  # noqa: S105 - stands in dead addresses to see whether it is told
_HOST = "127.0.0.1"
_NAMES = ("garbage.jsonl", "garbage.xml")
_COPIED = 5


def dead(feed: Feed, schemes: Sequence[str]) -> Feed:
    """The feed at an address where nobody is."""
    if LOCAL in schemes:
        return replace(feed, url="file:///nowhere/at/all")
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    return _moved(feed, schemes, f"someone:{SECRET}@{_HOST}:{port}", f"api_key={SECRET}")


@contextmanager
def serving(feed: Feed, schemes: Sequence[str], body: bytes, status: int) -> Iterator[Feed]:
    """The feed where `body` is all there is: in files of the names that it has, or as the answer to every request."""
    if LOCAL in schemes:
        with TemporaryDirectory() as folder:
            yield replace(feed, url=_filled(Path(folder), Path(unquote(urlsplit(feed.url).path)), body).as_uri())
        return
    with _server(body, status) as port:
        yield _moved(feed, schemes, f"{_HOST}:{port}", urlsplit(feed.url).query)


def _moved(feed: Feed, schemes: Sequence[str], place: str, query: str) -> Feed:
    """The feed at another host, by plain http where its source takes that, and without a proxy in between."""
    parts = urlsplit(feed.url)
    scheme = "http" if "http" in schemes else parts.scheme
    url = parts._replace(scheme=scheme, netloc=place, query=query).geturl()
    return replace(feed, url=url, allow=(*feed.allow, f"{_HOST}/32"), proxy="")


def _filled(folder: Path, like: Path, body: bytes) -> Path:
    """A file, or a folder with files, of the names that `like` has."""
    if like.is_file():
        path = folder / like.name
        path.write_bytes(body)
        return path
    names = sorted(path.name for path in like.iterdir() if path.is_file()) if like.is_dir() else []
    for name in names[:_COPIED] or _NAMES:
        (folder / name).write_bytes(body)
    return folder


@contextmanager
def _server(body: bytes, status: int) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Standard error is for findings."""

    server = ThreadingHTTPServer((_HOST, 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
