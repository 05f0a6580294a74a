"""The app that each process serves: health, readiness, metrics, and with the web role the API."""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from siegewatch import __version__, wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current
from siegewatch.apps.web.api import OPENAPI, Api, api_router
from siegewatch.apps.web.exports import exports_router
from siegewatch.apps.web.feedback import FeedbackPage, feedback_router
from siegewatch.apps.web.guard import Guard, access_for, refusal
from siegewatch.apps.web.index import CSP, index_page
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.slack import Interactions, slack_router
from siegewatch.apps.web.websub import Callback, websub_router
from siegewatch.domain.errors import StoreError
from siegewatch.store import codec

Fitness = Callable[[], Mapping[str, str | None]]
"""What keeps each part of this process from its work, None where nothing does."""


def make_app(
    current: Current,
    fitness: Fitness,
    metrics: Metrics,
    serves_api: bool,
    clock: Callable[[], datetime] = wiring.now,
) -> FastAPI:
    """What this process answers; `serves_api` with the web role."""
    app = FastAPI(
        title="siegewatch",
        description="Sieges and offensives found in news feeds. Times are UTC (RFC 3339). Nothing here changes state.",
        version=__version__,
        openapi_url=OPENAPI if serves_api else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    access = access_for(current.settings.web)
    app.add_middleware(Guard, access=access)
    _refuse_in_json(app)
    _serve_health(app, fitness, metrics, Canary(current))
    if serves_api:
        api = Api(current)
        app.include_router(api_router(api, with_token=access.token is not None))
        app.include_router(exports_router(api, current.settings.web.public_url))
        app.include_router(feedback_router(FeedbackPage(current, clock)))
        app.include_router(slack_router(Interactions(current, clock)))
        _serve_index(app)
        if current.settings.web.public_url:
            app.include_router(websub_router(Callback(current, metrics, clock)))
    return app


def _refuse_in_json(app: FastAPI) -> None:
    # Each is async only so that no thread is taken for it.
    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> JSONResponse:
        return refusal(error.status_code, error.detail, error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        return refusal(422, f"{first['loc'][-1]}: {first['msg']}")

    @app.exception_handler(StoreError)
    async def without_store(_: Request, error: StoreError) -> JSONResponse:
        return refusal(503, str(error))

    @app.exception_handler(Exception)
    async def broken(_: Request, __: Exception) -> JSONResponse:
        # The server logs the trace; a reader must learn nothing from it.
        return refusal(500, "siegewatch made a mistake: its log says which")


def _serve_health(app: FastAPI, fitness: Fitness, metrics: Metrics, canary: Canary) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        # Takes no thread and asks nobody: it answers however stuck the rest is.
        return JSONResponse({"status": "ok", "version": __version__})

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> JSONResponse:
        parts = dict(fitness())
        ready = not any(parts.values())
        flight = None if parts.get("store") else canary.flight()
        told = {"canary": codec.plain(flight)} if flight else {}
        return JSONResponse({"status": "ok" if ready else "unfit", "parts": parts, **told}, 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    def metrics_text(request: Request) -> Response:
        text, media_type = metrics.exposed(request.headers.get("accept", ""))
        return Response(text, headers={"content-type": media_type})


def _serve_index(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def index() -> HTMLResponse:
        return HTMLResponse(index_page(app.openapi()), headers={"content-security-policy": CSP})
