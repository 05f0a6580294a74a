"""siegewatch: feeds become items, items events, events stories, stories alerts, alerts deliveries."""

from importlib.metadata import version

__version__ = version("siegewatch")
