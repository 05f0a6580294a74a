"""A folder's files and the environment become one validated, frozen `Settings`, or every fault with its line."""

from siegewatch.settings.describe import Key, describe
from siegewatch.settings.load import Settings, load

__all__ = ["Key", "Settings", "describe", "load"]
