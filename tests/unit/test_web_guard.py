"""Who may read what: names on loopback, the token beyond it."""

import pytest
from starlette.datastructures import Headers

from siegewatch.apps.web.guard import Access, access_for, refused
from siegewatch.settings.models import Web


def status(access: Access, path: str, **headers: str) -> int | None:
    answer = refused(access, path, Headers(headers))
    return answer.status_code if answer else None


LOCAL = access_for(Web.model_validate({"listen": "127.0.0.1:8350", "public_url": "https://siege.example/watch"}))
REMOTE = access_for(Web.model_validate({"listen": "0.0.0.0:8350", "token": "t0ken"}))


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8350", "127.0.0.1", "127.0.0.1:9000", "[::1]", "[::1]:8350", "siege.example"]
)
def test_loopback_answers_to_its_own_names(host: str) -> None:
    assert status(LOCAL, "/api/v1/items", host=host) is None


@pytest.mark.parametrize(
    "host",
    ["", "rebind.example", "localhost.rebind.example:8350", "127.0.0.1.nip.example", "[::1", "192.0.2.7", "[::2]"],
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/items"])
def test_loopback_answers_to_no_other_name(host: str, path: str) -> None:
    assert status(LOCAL, path, host=host) == 421


def test_a_loopback_address_of_ones_own_is_answered_to() -> None:
    assert status(access_for(Web.model_validate({"listen": "127.0.0.2:80"})), "/", host="127.0.0.2:80") is None


def test_loopback_asks_for_no_token_even_where_one_is_set() -> None:
    access = access_for(Web.model_validate({"listen": "[::1]:8350", "token": "t0ken"}))

    assert status(access, "/api/v1/items", host="[::1]:8350") is None


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/api/v1/items", "/api/v1/openapi.json", "/healthz/", "//healthz", ""]
)
def test_beyond_loopback_all_but_health_needs_the_token(path: str) -> None:
    assert status(REMOTE, path, host="any.example") == 401
    assert status(REMOTE, path, host="any.example", authorization="Bearer t0ken") is None
    assert status(REMOTE, path, authorization="bearer  t0ken ") is None


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_open_to_all(path: str) -> None:
    assert status(REMOTE, path) is None


@pytest.mark.parametrize(
    "given", ["Bearer", "Bearer ", "Bearer t0ke", "Bearer t0kenn", "Basic t0ken", "t0ken", "Bearer \xe9"]
)
def test_anything_but_the_token_is_refused(given: str) -> None:
    answer = refused(REMOTE, "/metrics", Headers({"authorization": given}))

    assert answer is not None
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="siegewatch"')
    assert b"t0ken" not in answer.body


def test_an_empty_token_lets_nobody_in() -> None:
    access = Access(None, b"")

    assert status(access, "/metrics", authorization="Bearer ") == 401
