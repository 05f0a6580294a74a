"""Where an alert can be looked up."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from siegewatch.domain.alert import Alert
from siegewatch.domain.delivery import Message


def links(message: Message) -> Mapping[str, str]:
    """Absolute addresses of the story and of why it was told; none where no public address is set, nor of a trouble."""
    base, alert = message.public_url.rstrip("/"), message.alert
    if not base or not isinstance(alert, Alert):
        return {}
    return {
        "story": f"{base}/api/v1/stories/{quote(alert.story.id, safe='')}",
        "explain": f"{base}/api/v1/alerts/{quote(alert.id, safe='')}",
    }


def web_link(address: str | None) -> str | None:
    """`address` if a reader may safely be sent there: http or https with a host, nothing unseen in it."""
    if not address or not address.isprintable() or any(map(str.isspace, address)):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and parts.hostname else None
