"""What is asked of a hub, and by which way."""

import pytest

from siegewatch.collect.subscriber import _safely, callback
from siegewatch.domain.errors import AddressRefused
from siegewatch.net.messages import Answer


class Sender:
    """Takes https alone, as the door does beyond allowed networks."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, hub: str) -> Answer:
        self.asked.append(hub)
        if not hub.startswith("https://hub."):
            raise AddressRefused("refused")
        return Answer(202, hub, {}, b"")


def test_hub_named_by_http_is_asked_over_https() -> None:
    send = Sender()
    assert _safely(send, "http://hub.example/x").status == 202
    assert send.asked == ["http://hub.example/x", "https://hub.example/x"]


@pytest.mark.parametrize("hub", ["HTTP://private.example/", "https://private.example/", "http://private.example/"])
def test_hub_that_may_not_be_reached_is_not_reached_by_another_way(hub: str) -> None:
    with pytest.raises(AddressRefused):
        _safely(Sender(), hub)


def test_callback_is_below_the_public_address() -> None:
    assert callback("https://watch.example/news", "a1", "k") == "https://watch.example/news/websub/a1/k"
