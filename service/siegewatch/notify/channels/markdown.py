"""Words of feeds in Markdown, as Discord and Mattermost read it: shown as they are, formatting nothing."""

import re

from siegewatch.notify.text import inert

_INLINE = re.compile(r"([\\`*_|\[\]()&!])")
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "~": "∼"})
"""Mattermost reads Slack's `<address|words>` and `~channel` before it reads Markdown, escaped or not."""

_AT_START = re.compile(r"^(#+|[-+=]+|\d+(?=[.)]))")


def escape(text: str) -> str:
    """`text` so that nothing in it formats, links, pings or becomes an emoji."""
    escaped = _INLINE.sub(r"\\\1", inert(text).translate(_LOOK_ALIKES))
    return _AT_START.sub(lambda found: _led(found[0]), escaped)


def link(url: str, label: str) -> str:
    """`[label](url)`; the address is one of `links`, percent-encoded where it could end early."""
    return f"[{label}]({url.replace('*', '%2A').replace('_', '%5F').replace('~', '%7E')})"


def strong(escaped: str) -> str:
    """In bold."""
    return f"**{escaped}**" if escaped else ""


def _led(mark: str) -> str:
    """What begins a heading, a list or a rule, so that it begins none."""
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"
