"""Where the links in alerts lead: a page that asks, and takes the answer by POST alone, since whatever previews links
or scans mail follows them too."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Annotated

import structlog
from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from siegewatch import wiring
from siegewatch.apps.current import Current
from siegewatch.apps.web.bodies import body_of, fields_of
from siegewatch.apps.web.guard import HEADERS
from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import LABELS, Feedback, Reply, Way, summary
from siegewatch.notify.answers import NAME_LIMIT, NOTE_LIMIT, answer
from siegewatch.notify.asking import PREFIX, is_over
from siegewatch.notify.render import gravest_first, sentence, where

log = structlog.get_logger()

ROUTE = PREFIX + "/{alert}/{until}/{signature}"
_MOST_BYTES = 10_000
Part = Annotated[str, Path(max_length=64)]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 18px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; }
label { display: block; margin-top: 1rem; }
input { font: inherit; box-sizing: border-box; width: 100%; padding: .4rem; }
button { font: inherit; margin: 1rem .5rem 0 0; padding: .5rem 1rem; }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>siegewatch</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{parts}
</body>
</html>
"""

_FORM = f"""<form method="post">
<label>Your name <input name="by" maxlength="{NAME_LIMIT}" autocomplete="name"></label>
<label>Anything to add <input name="note" maxlength="{NOTE_LIMIT}"></label>
{{buttons}}
</form>"""

CSP = HEADERS["content-security-policy"].replace("form-action 'none'", "form-action 'self'")
CSP += f"; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"


@dataclass(frozen=True)
class FeedbackPage:
    """The page of every link."""

    current: Current
    clock: Callable[[], datetime]

    def ask(self, alert: Part, until: Part, signature: Part) -> HTMLResponse:
        """Asks; changes nothing."""
        found = self._known(alert, until, signature)
        return _page(found, self.current.memory.feedback.of(found.id), _form())

    async def take(self, alert: Part, until: Part, signature: Part, request: Request) -> HTMLResponse:
        """Takes an answer."""
        found = await run_in_threadpool(self._known, alert, until, signature)
        fields = fields_of(await body_of(request, _MOST_BYTES))
        return await run_in_threadpool(self._noted, found, fields)

    def _noted(self, alert: Alert, fields: dict[str, str]) -> HTMLResponse:
        try:
            reply = Reply(fields.get("reply", ""))
        except ValueError:
            raise HTTPException(422, f"reply: write one of {', '.join(Reply)}") from None
        given = answer(alert, reply, fields.get("by", ""), Way.LINK, self.clock(), fields.get("note", ""))
        self.current.memory.feedback.add(given, alert)
        log.info("feedback", alert=alert.id, reply=reply, way=given.way)
        said = self.current.memory.feedback.of(alert.id)
        return _page(alert, said, f"<p><strong>Noted: {escape(LABELS[reply])}. Thank you.</strong></p>")

    def _known(self, alert: str, until: str, signature: str) -> Alert:
        if not wiring.asking(self.current.settings).is_ours(alert, until, signature):
            raise HTTPException(404, "this is no link of ours, or its key has changed")
        found = None if is_over(until, self.clock()) else self.current.memory.alerts.alert(alert)
        if found is None:
            raise HTTPException(410, "this link is no longer good: answer with siegewatch feedback add")
        return found


def feedback_router(page: FeedbackPage) -> APIRouter:
    """The routes that links in alerts lead to: not for readers of the API, so not among its addresses."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route(ROUTE, page.ask, methods=["GET"])
    router.add_api_route(ROUTE, page.take, methods=["POST"])
    return router


def _form() -> str:
    buttons = [f'<button name="reply" value="{reply}">{escape(label)}</button>' for reply, label in LABELS.items()]
    return _FORM.format(buttons="\n".join(buttons))


def _page(alert: Alert, said: Sequence[Feedback], asked: str) -> HTMLResponse:
    place = where(gravest_first(alert)[0])
    title = f"{place}: {sentence(alert)}" if place else sentence(alert)
    told = [f"{alert.item.outlet or ''}: {alert.item.title}".removeprefix(": "), summary(said)]
    parts = [f"<p>{escape(line)}</p>" for line in told if line]
    text = _PAGE.format(style=_STYLE, title=escape(title), parts="\n".join([*parts, asked]))
    return HTMLResponse(text, headers={"content-security-policy": CSP})
