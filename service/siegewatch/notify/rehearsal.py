"""What the first alert would have to wait for, done before it comes: shapes, certificates, names of countries."""

from datetime import datetime

from siegewatch.domain.delivery import Delivery, Message, delivery_id
from siegewatch.domain.standing import Standing
from siegewatch.domain.story import StoryChange
from siegewatch.net.door import Door
from siegewatch.notify.payload import body_of
from siegewatch.notify.render import words
from siegewatch.notify.sample import sample_alert
from siegewatch.store import codec


def rehearse(door: Door, now: datetime) -> None:
    """Goes through an invented alert; tells nobody. Takes a fifth of a second the first time, nothing after that."""
    alert = sample_alert(now)
    change = StoryChange(alert.story, alert.change, alert.events, alert.item, now)
    name = delivery_id(alert.id, "")
    for shape in (change, alert, Delivery(name, alert.id, "", now, now), Standing()):
        codec.load(type(shape), codec.dump(shape))
    message = Message(name, alert)
    words(message)
    body_of(message)
    _ = door.tls
