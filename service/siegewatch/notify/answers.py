"""An answer as it is kept, whichever way it came: names and notes are strangers' words too."""

from datetime import datetime

from siegewatch.domain.alert import Alert
from siegewatch.domain.feedback import Feedback, Reply, Way
from siegewatch.notify.text import clean, cut

NAME_LIMIT = 60
NOTE_LIMIT = 500
UNNAMED = "someone"


def answer(alert: Alert, reply: Reply, by: str, way: Way, now: datetime, note: str = "") -> Feedback:
    """What someone said of an alert, in single lines of bounded length."""
    name = cut(clean(by), NAME_LIMIT) or UNNAMED
    return Feedback(alert.id, alert.item.id, reply, name, way, now, cut(clean(note), NOTE_LIMIT))
