"""The API that reads: `/api/v1/*`, in the domain's own shapes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from siegewatch.apps.current import Current
from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Delivery, DeliveryState
from siegewatch.domain.feed import FeedHealth, FeedState, Listed, Origin, Pause
from siegewatch.domain.feedback import Feedback
from siegewatch.domain.ops import OpsAlert, Subject
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Outcome, Severity
from siegewatch.net.redact import redact_url
from siegewatch.store.items import ItemRecord
from siegewatch.store.keys import RECENT_KEPT
from siegewatch.store.memory import Memory

PREFIX = "/api/v1"
OPENAPI = f"{PREFIX}/openapi.json"

T = TypeVar("T")

_PAGE = 500
"""Things asked for at most, and read at once where a filter leaves out most of them."""

Id = Annotated[str, Path(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=_PAGE, description="At most so many, the newest first.")]
FeedLimit = Annotated[int | None, Query(ge=1, le=_PAGE, description="At most so many; all, unless given.")]
Failing = Annotated[bool, Query(description="Only feeds whose last poll failed.")]
CameTo = Annotated[Outcome | None, Query(description="Only items that came to this.")]
Country = Annotated[str | None, Query(pattern="^[A-Za-z]{2}$", description="ISO 3166-1 alpha-2, such as SY.")]
PlaceName = Annotated[str | None, Query(description="Part of the place's name, in any case.")]
Gravity = Annotated[Severity | None, Query(description="Only alerts of this severity.")]
OfSubject = Annotated[Subject | None, Query(description="Only of this subject.")]
InState = Annotated[DeliveryState | None, Query(description="Only deliveries in this state; dead: the dead letters.")]
OfChannel = Annotated[str | None, Query(description="Only deliveries to this channel.")]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is no other answer, in one line."""

    error: str


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed and how polling it goes. What may be secret in its address is hidden; `due_at` is the next poll,
    `paused` why there is none."""

    id: str
    name: str
    url: str
    tags: tuple[str, ...]
    outlet: str | None
    priority: str
    source: str
    origin: Origin
    paused: Pause | None
    due_at: datetime | None
    health: FeedHealth


@dataclass(frozen=True, slots=True)
class Api:
    """The endpoints. OpenAPI says of each what its docstring says."""

    current: Current

    @property
    def memory(self) -> Memory:
        """What the store remembers."""
        return self.current.memory

    def list_feeds(self, problem: Failing = False, limit: FeedLimit = None) -> list[FeedStatus]:
        """The feeds and how polling them goes: those of feeds.yaml in its order, then those added at run time."""
        found = self._statuses(self.current.roster().listed)
        return list(islice((feed for feed in found if feed.health.problem or not problem), limit))

    def get_feed(self, id: Id) -> FeedStatus:
        """One feed."""
        listed = self.current.roster().listed
        return _known(next(iter(self._statuses([one for one in listed if one.feed.id == id])), None))

    def _statuses(self, feeds: Sequence[Listed]) -> list[FeedStatus]:
        ids = [one.feed.id for one in feeds]
        states, due = self.memory.feeds.states(ids), self.memory.feeds.due_at(ids)
        return [_status(*known) for known in zip(feeds, states, due, strict=True)]

    def list_items(self, outcome: CameTo = None, limit: Limit = 50) -> list[ItemRecord]:
        """The items decided last, with their events, what became of them and why."""
        return _newest(self.memory.items.recent, lambda one: outcome in (None, one.ruling.outcome), limit)

    def get_item(self, id: Id) -> ItemRecord:
        """One item."""
        return _known(self.memory.items.record(id))

    def list_stories(self, country: Country = None, place: PlaceName = None, limit: Limit = 50) -> list[Story]:
        """The stories changed last."""
        return _newest(self.memory.stories.recent, lambda story: _is_at(story, country, place), limit)

    def get_story(self, id: Id) -> Story:
        """One story."""
        return _known(self.memory.stories.story(id))

    def list_alerts(self, severity: Gravity = None, limit: Limit = 50) -> list[Alert]:
        """The alerts told last."""
        return _newest(self.memory.alerts.recent, lambda alert: severity in (None, alert.severity), limit)

    def get_alert(self, id: Id) -> Alert:
        """One alert."""
        return _known(self.memory.alerts.alert(id))

    def get_feedback(self, id: Id) -> tuple[Feedback, ...]:
        """What was said of one alert, oldest first."""
        said = self.memory.feedback.of(id)
        return said if said or self.memory.alerts.alert(id) else _known(None)

    def list_ops(self, subject: OfSubject = None, limit: Limit = 50) -> list[OpsAlert]:
        """What siegewatch told last of itself."""
        return _newest(self.memory.alerts.recent_ops, lambda alert: subject in (None, alert.trouble.subject), limit)

    def get_ops(self, id: Id) -> OpsAlert:
        """One ops alert."""
        return _known(self.memory.alerts.ops_alert(id))

    def list_deliveries(self, state: InState = None, channel: OfChannel = None, limit: Limit = 50) -> list[Delivery]:
        """The deliveries of late, with every attempt."""

        def page(count: int, skip: int) -> list[Delivery]:
            return self.memory.alerts.recent_deliveries(count, skip, dead=state is DeliveryState.DEAD)

        def wanted(delivery: Delivery) -> bool:
            return state in (None, delivery.state) and channel in (None, delivery.channel)

        return _newest(page, wanted, limit)

    def get_delivery(self, id: Id) -> Delivery:
        """One delivery."""
        return _known(self.memory.alerts.delivery(id))


def api_router(api: Api, *, with_token: bool) -> APIRouter:
    """The routes of the API; `with_token` has OpenAPI say that they need one."""
    bearer = [Security(HTTPBearer(auto_error=False, description="web.token"))] if with_token else []
    router = APIRouter(
        prefix=PREFIX,
        dependencies=[Depends(no_unknown), *bearer],
        responses={422: {"model": Problem}, 503: {"model": Problem}},
        generate_unique_id_function=lambda route: route.name,
    )
    for path, many, one in (
        ("/feeds", api.list_feeds, api.get_feed),
        ("/items", api.list_items, api.get_item),
        ("/stories", api.list_stories, api.get_story),
        ("/alerts", api.list_alerts, api.get_alert),
        ("/ops", api.list_ops, api.get_ops),
        ("/deliveries", api.list_deliveries, api.get_delivery),
    ):
        router.add_api_route(path, many, description=many.__doc__)
        router.add_api_route(f"{path}/{{id}}", one, description=one.__doc__, responses={404: {"model": Problem}})
    about = api.get_feedback.__doc__
    router.add_api_route(
        "/alerts/{id}/feedback", api.get_feedback, description=about, responses={404: {"model": Problem}}
    )
    return router


def no_unknown(request: Request) -> None:
    """Refuses a parameter that no route knows: a mistyped filter must not pass for none."""
    route: APIRoute = request.scope["route"]
    known = {field.alias for field in route.dependant.query_params}
    if unknown := sorted(request.query_params.keys() - known):
        meant = f"there are: {', '.join(sorted(known))}" if known else "there are none"
        raise RequestValidationError([{"loc": ("query", unknown[0]), "msg": f"unknown parameter, {meant}"}])


def _newest(page: Callable[[int, int], Sequence[T]], wanted: Callable[[T], bool], limit: int) -> list[T]:
    """The first `limit` wanted things of a listing, which `page(count, skip)` reads in parts."""
    found: list[T] = []
    skip, count = 0, limit
    while len(found) < limit and skip < RECENT_KEPT and (part := page(count, skip)):
        found += filter(wanted, part)
        skip, count = skip + count, _PAGE
    return found[:limit]


def _is_at(story: Story, country: str | None, place: str | None) -> bool:
    name = story.place.name if story.place else ""
    return (country is None or story.country == country.upper()) and (place or "").casefold() in name.casefold()


def _status(one: Listed, state: FeedState, due: float | None) -> FeedStatus:
    feed = one.feed
    return FeedStatus(
        feed.id,
        feed.name,
        redact_url(feed.url),
        feed.tags,
        feed.outlet,
        feed.priority,
        feed.source,
        one.origin,
        one.pause,
        None if due is None else datetime.fromtimestamp(due, UTC),
        state.health,
    )


def _known(found: T | None) -> T:
    if found is None:
        raise HTTPException(404, "there is none with this id")
    return found
