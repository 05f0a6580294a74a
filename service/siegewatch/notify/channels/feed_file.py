"""What a feed of alerts holds, whichever form it is written in."""

from siegewatch.domain.delivery import Message
from siegewatch.notify.render import Words
from siegewatch.notify.text import cut, inert

TITLE = "siegewatch: sieges and offensives in the news"
ENTRIES_KEPT = 100
TITLE_LIMIT = 300
CONTENT_LIMIT = 10_000
LINK_LIMIT = 2_000


def id_of(message: Message) -> str:
    """By which an alert that is sent again takes its own place."""
    return f"urn:siegewatch:alert:{message.alert.id}"


def title_of(told: Words) -> str:
    """The first line of a message."""
    return cut(inert(told.headline), TITLE_LIMIT)


def link_of(told: Words) -> str:
    """Where an entry leads to; empty where it leads nowhere, or to an address longer than readers bear."""
    link = told.story_link or told.link or told.all_link or ""
    return link if len(link) <= LINK_LIMIT else ""
