"""Sets the stage in a folder of its own and runs the service on it."""

import base64
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import yaml

from siegewatch import wiring
from siegewatch.apps.demo.stage import Stage, programme
from siegewatch.apps.runtime import ROLES, serve
from siegewatch.domain.errors import UsageError
from siegewatch.settings import load

PORT = 8350


def demo(port: int | None = None) -> int:
    """Runs the whole line on sample feeds until stopped; the page is served at `port`. Returns the exit code."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    stage = Stage(programme(), secret, wiring.now, lambda line: print(line, flush=True))  # noqa: T201 - what a demo is for
    server = stage.open()
    try:
        with TemporaryDirectory(prefix="siegewatch-demo-") as folder:
            config = _configured(Path(folder), stage, server.server_port, _free_port() if port is None else port)
            _introduce(config)
            return serve(load(config, {}), frozenset(ROLES))
    finally:
        server.shutdown()
        server.server_close()


def _free_port() -> int:
    """The usual port, or any other where something serves there, such as `siegewatch run`."""
    for port in (PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise UsageError("no port is free on this machine, name one with --port")


def _configured(folder: Path, stage: Stage, stage_port: int, port: int) -> Path:
    here = f"http://127.0.0.1:{stage_port}"
    feeds = sorted({scene.feed for scene in stage.scenes})
    files: dict[str, Any] = {
        "siegewatch": {
            "data_dir": str(folder / "data"),
            "network": {"allow": ["127.0.0.1/32"]},
            "web": {"listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}"},
        },
        "feeds": {"feeds": [{"url": f"{here}/feeds/{quote(name)}", "name": name, "every": "2s"} for name in feeds]},
        "alerts": {
            "channels": [
                {"name": "console", "type": "console"},
                {"name": "inbox", "type": "webhook", "url": f"{here}/inbox", "secret": stage.secret},
            ],
            "routes": [{"channels": ["console", "inbox"]}],
        },
    }
    config = folder / "config"
    config.mkdir()
    for name, content in files.items():
        (config / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return config


def _introduce(config: Path) -> None:
    print(  # noqa: T201 - what a demo is for
        "Three sample feeds publish for half a minute: two sieges, an advance, the same report three times,\n"
        "an edit, and sport and politics in the same words. Watch what rings. Stop with Ctrl-C.\n"
        f"Its configuration: {config}",
        file=sys.stderr,
    )
