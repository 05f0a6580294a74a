"""The whole line with no network: sample feeds served on this machine, a webhook inbox, the page."""

from siegewatch.apps.demo.show import demo

__all__ = ["demo"]
