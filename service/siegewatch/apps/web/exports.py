"""The stories for maps and feed readers: `/api/v1/stories.geojson` and `/stories.atom`."""

import orjson
from fastapi import APIRouter, Depends, Response

from siegewatch import wiring
from siegewatch.apps.exports import atom, geojson
from siegewatch.apps.web.api import PREFIX, Api, Country, Limit, PlaceName, no_unknown

GEOJSON = f"{PREFIX}/stories.geojson"
ATOM = "/stories.atom"


def exports_router(api: Api, public_url: str) -> APIRouter:
    """Both, with the filters of the list of stories. OpenAPI leaves them out: they have schemas of their own."""
    router = APIRouter(dependencies=[Depends(no_unknown)], include_in_schema=False)

    @router.get(GEOJSON)
    def stories_geojson(country: Country = None, place: PlaceName = None, limit: Limit = 500) -> Response:
        found = geojson.as_geojson(api.list_stories(country, place, limit), wiring.now())
        return Response(orjson.dumps(found), media_type=geojson.MEDIA_TYPE)

    @router.get(ATOM)
    def stories_atom(country: Country = None, place: PlaceName = None, limit: Limit = 100) -> Response:
        found = atom.as_atom(api.list_stories(country, place, limit), wiring.now(), public_url)
        return Response(found, media_type=f"{atom.MEDIA_TYPE}; charset=utf-8")

    return router
