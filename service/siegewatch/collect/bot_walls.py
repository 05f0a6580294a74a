"""Bot walls: answers that keep programs out, told from a publisher's ordinary refusals by the marks their makers leave.

Only marks of the wall itself are listed. What a maker's network adds to every answer (`server: cloudflare`, `x-iinfo`,
`x-datadome: protected`, the scripts that watch visitors) says that a wall may stand there, not that we stand before it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

LOOKED_AT_BYTES = 16_384
"""How much of a body is searched: walls are small pages, and their marks stand at the top."""

STATUSES = frozenset({200, 202, 403, 405, 429, 503})
"""What walls answer with. 202 and 405 are AWS WAF's; 200 is common to those that compute a proof in the browser."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells one wall: a header whose value matches, or a body in which `body` is found."""

    wall: str
    header: str = ""
    value: str = ""
    body: str = ""


MARKS = (
    Mark("Cloudflare challenge", header="cf-mitigated", value="challenge"),
    Mark("Cloudflare challenge", body=r"_cf_chl_opt|<title>just a moment\.\.\.</title>"),
    Mark("Cloudflare challenge", body=r"/cdn-cgi/challenge-platform/h/[a-z]/orchestrate/"),
    Mark("Cloudflare block", body=r"<title>attention required! \| cloudflare</title>"),
    Mark("Cloudflare block", body=r"used cloudflare to restrict access</title>"),
    Mark("Akamai challenge", body=r"/_sec/cp_challenge/|sec-if-cpt-container|\bbm-verify="),
    Mark(
        "Akamai block", body=r"<title>access denied</title>[^\0]{0,2000}?(?:errors\.edgesuite\.net|reference&#32;&#35;)"
    ),
    Mark("Imperva challenge", body=r'id="main-iframe"[^<>]{0,40} src="/_incapsula_resource'),
    Mark("Imperva block", body=r"request unsuccessful\. incapsula incident id"),
    Mark("DataDome challenge", body=r"\bcaptcha-delivery\.com\b"),
    Mark("PerimeterX challenge", body=r"\bpx-captcha\b|captcha\.px-c(?:dn|loud)\.net"),
    Mark("PerimeterX challenge", body=r"<title>access to this page has been denied"),
    Mark("Anubis challenge", body=r"""id=["']anubis_challenge["']|/\.within\.website/x/cmd/anubis/"""),
    Mark("AWS WAF challenge", header="x-amzn-waf-action", value="challenge|captcha"),
    Mark("DDoS-Guard challenge", body=r"<title>ddos-guard</title>|/\.well-known/ddos-guard/"),
    Mark("Sucuri block", body=r"<title>sucuri website firewall - access denied</title>"),
    Mark("Sucuri challenge", body=r"\bsucuri_cloudproxy_js\b"),
    Mark("Vercel challenge", header="x-vercel-mitigated", value="challenge|deny"),
)
"""First match names the wall; headers before bodies of the same maker, as they cannot lie in a page about walls."""


def wall_of(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Which bot wall an answer shows; None for any other answer. Of a feed nobody should ask: it may tell of walls."""
    if status not in STATUSES:
        return None
    text = body[:LOOKED_AT_BYTES].decode("latin-1").lower()
    return next((mark.wall for mark in MARKS if _shows(mark, headers, text)), None)


def wall_problem(wall: str) -> str:
    """What to tell of a wall."""
    return (
        f"the server shows a bot wall ({wall}): ask the publisher for access, or set user_agent/headers for this feed"
    )


def _shows(mark: Mark, headers: Mapping[str, str], text: str) -> bool:
    if mark.header:
        return re.fullmatch(mark.value, headers.get(mark.header, "").strip(), re.IGNORECASE) is not None
    return re.search(mark.body, text) is not None
