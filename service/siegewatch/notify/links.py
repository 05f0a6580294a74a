"""Where an alert can be looked up."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Message
from siegewatch.domain.digest import Digest

_PLACE = re.compile(r"[\w.\-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")
_IN_URL = "!$%&+,-./:;=?~_*#"
"""What stays as it is behind the host: not the marks with which text formats and addresses break out of links."""


def links(message: Message) -> Mapping[str, str]:
    """Absolute addresses of the story and of why it was told, of a digest that of all alerts; none where no public
    address is set, nor of a trouble."""
    base, alert = message.public_url.rstrip("/"), message.alert
    if base and isinstance(alert, Digest):
        return {"all": f"{base}/api/v1/alerts"}
    if not base or not isinstance(alert, Alert):
        return {}
    return {
        "story": f"{base}/api/v1/stories/{quote(alert.story.id, safe='')}",
        "explain": f"{base}/api/v1/alerts/{quote(alert.id, safe='')}",
    }


def web_link(address: str | None) -> str | None:
    """`address` if a reader may safely be sent there: http or https with a host and no user, nothing unseen in it.
    Behind the host, whatever could end a link early or ping someone is percent-encoded."""
    if not address or not address.isprintable() or any(map(str.isspace, address)):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or not _PLACE.fullmatch(parts.netloc):
        return None
    rest = {name: quote(getattr(parts, name), safe=_IN_URL) for name in ("path", "query", "fragment")}
    return parts._replace(**rest).geturl()
