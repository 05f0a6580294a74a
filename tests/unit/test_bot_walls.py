"""Bot walls are named; ordinary refusals, even of servers behind a wall's maker, are not called walls."""

import re

import pytest
from requests.structures import CaseInsensitiveDict

from siegewatch.collect.bot_walls import LOOKED_AT_BYTES, MARKS, wall_of, wall_problem

WALLS = [
    (403, {"CF-Mitigated": "challenge"}, b"", "Cloudflare challenge"),
    (403, {}, b"<!DOCTYPE html><title>Just a moment...</title>", "Cloudflare challenge"),
    (503, {}, b"<script>window._cf_chl_opt={cvId:'3'}</script>", "Cloudflare challenge"),
    (403, {}, b"<script src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1'>", "Cloudflare challenge"),
    (403, {}, b"<title>Attention Required! | Cloudflare</title>", "Cloudflare block"),
    (403, {}, b"<title>Access denied | a.example used Cloudflare to restrict access</title>", "Cloudflare block"),
    (
        403,
        {"Server": "AkamaiGHost"},
        b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>You don't have permission"
        b"<P>\nReference&#32;&#35;18&#46;abc</P></BODY></HTML>",
        "Akamai block",
    ),
    (403, {}, b"<title>Access Denied</title><p>https://errors.edgesuite.net/18.1f", "Akamai block"),
    (429, {}, b"<div id='sec-if-cpt-container'>", "Akamai challenge"),
    (200, {}, b'<html><iframe id="main-iframe" src="/_Incapsula_Resource?CWUDNSAI=23"', "Imperva challenge"),
    (403, {}, b"Request unsuccessful. Incapsula incident ID: 1-2", "Imperva block"),
    (403, {}, b'<script src="https://ct.captcha-delivery.com/c.js">', "DataDome challenge"),
    (403, {}, b'{"url":"https://geo.captcha-delivery.com/captcha/?a"}', "DataDome challenge"),
    (403, {}, b'<div id="px-captcha"></div>', "PerimeterX challenge"),
    (403, {}, b"<title>Access to this page has been denied.</title>", "PerimeterX challenge"),
    (200, {}, b'<script id="anubis_challenge" type="application/json">{}', "Anubis challenge"),
    (202, {"x-amzn-waf-action": "challenge"}, b"", "AWS WAF challenge"),
    (405, {"X-Amzn-Waf-Action": "captcha"}, b"<html>", "AWS WAF challenge"),
    (403, {}, b"<html><title>DDoS-Guard</title>", "DDoS-Guard challenge"),
    (403, {}, b"<title>Sucuri WebSite Firewall - Access Denied</title>", "Sucuri block"),
    (200, {}, b"<script>sucuri_cloudproxy_js='';</script>", "Sucuri challenge"),
    (429, {"x-vercel-mitigated": "challenge"}, b"", "Vercel challenge"),
]

ORDINARY = [
    (403, {}, b"<html><head><title>403 Forbidden</title></head><body><center>nginx</center></body></html>"),
    (403, {"Server": "cloudflare", "CF-RAY": "1-FRA"}, b"<title>403 Forbidden</title>"),
    (503, {"Server": "cloudflare"}, b"<title>news.example | 503: Service Temporarily Unavailable</title>"),
    (403, {"Server": "AkamaiGHost"}, b"<title>Access Denied</title><p>Members only</p>"),
    (503, {"Server": "AkamaiGHost"}, b"<TITLE>Error</TITLE>An error occurred.<p>Reference&#32;&#35;97&#46;1"),
    (403, {"X-Iinfo": "1-2", "X-CDN": "Imperva"}, b"<h1>Forbidden</h1><script src='/_Incapsula_Resource?SWJI'>"),
    (403, {"X-DataDome": "protected"}, b"<h1>Forbidden</h1><script src='https://js.datadome.co/tags.js'>"),
    (200, {}, b"<html><script>window._pxAppId='PX1'</script><h1>News</h1>"),
    (200, {}, b"<html><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script><h1>News</h1>"),
    (429, {"Retry-After": "60"}, b"Too many requests"),
    (503, {}, b""),
    (401, {}, b"<title>Just a moment...</title>"),
    (404, {"cf-mitigated": "challenge"}, b""),
    (200, {}, b"<html>" + b" " * LOOKED_AT_BYTES + b"<title>Just a moment...</title>"),
    (403, {"cf-mitigated": "block?"}, b"\xff\xfe\x00"),
]


@pytest.mark.parametrize(("status", "headers", "body", "wall"), WALLS)
def test_a_wall_is_named(status: int, headers: dict[str, str], body: bytes, wall: str) -> None:
    assert wall_of(status, CaseInsensitiveDict(headers), body) == wall


@pytest.mark.parametrize(("status", "headers", "body"), ORDINARY)
def test_an_ordinary_answer_is_no_wall(status: int, headers: dict[str, str], body: bytes) -> None:
    assert wall_of(status, CaseInsensitiveDict(headers), body) is None


def test_every_mark_is_of_one_kind_and_written_as_it_is_compared() -> None:
    for mark in MARKS:
        assert bool(mark.header and mark.value) != bool(mark.body)
        assert mark.header == mark.header.lower()
        assert re.sub(r"\\.", "", mark.body) == re.sub(r"\\.", "", mark.body).lower()


def test_every_wall_has_a_test() -> None:
    assert {mark.wall for mark in MARKS} == {wall for *_, wall in WALLS}


def test_the_problem_says_what_to_do() -> None:
    assert wall_problem("Cloudflare challenge") == (
        "the server shows a bot wall (Cloudflare challenge): ask the publisher for access, "
        "or set user_agent/headers for this feed"
    )
