"""The page at `/`: what there is to read and where."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any

from siegewatch.apps.web.api import OPENAPI
from siegewatch.apps.web.exports import ATOM, GEOJSON
from siegewatch.apps.web.guard import HEADERS

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
dt { font-family: ui-monospace, monospace; margin-top: 1rem; }
dd { margin: 0; }
small { opacity: .75; }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>siegewatch</title>
<style>{style}</style>
</head>
<body>
<h1>siegewatch</h1>
<p>{description}</p>
<main>
<dl>
{rows}
</dl>
</main>
<p><small>Version {version}</small></p>
</body>
</html>
"""

CSP = (
    HEADERS["content-security-policy"] + f"; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
"""The page may use its own style, known by its hash, and nothing else."""

_BESIDE = {
    GEOJSON: "The stories on a map: GeoJSON.",
    ATOM: "The stories for feed readers: Atom.",
    OPENAPI: "All of this for programs: OpenAPI.",
    "/healthz": "Whether this process lives.",
    "/readyz": "Whether its parts are fit for work.",
    "/metrics": "Its metrics, for Prometheus.",
}


def index_page(openapi: Mapping[str, Any]) -> str:
    """The page for an app that describes itself so."""
    info = openapi["info"]
    rows = "\n".join(_rows(openapi["paths"]))
    return _PAGE.format(
        style=_STYLE, description=escape(info["description"]), version=escape(info["version"]), rows=rows
    )


def _rows(paths: Mapping[str, Any]) -> Iterator[str]:
    for path, operations in paths.items():
        yield _row(path, operations["get"])
    for path, about in _BESIDE.items():
        yield _row(path, {"description": about})


def _row(path: str, operation: Mapping[str, Any]) -> str:
    # Links are relative, so that they hold behind a proxy that puts a path before them.
    shown = escape(path)
    address = shown if "{" in path else f'<a href=".{shown}">{shown}</a>'
    filters = [name["name"] for name in operation.get("parameters", ()) if name["in"] == "query"]
    asked = f" <small>?{escape(', '.join(filters))}</small>" if filters else ""
    return f"<dt>{address}{asked}</dt>\n<dd>{escape(operation['description'])}</dd>"
