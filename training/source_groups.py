"""Which sources are left out together, so that what is learnt is measured on outlets it has not seen."""

from typing import Any

GROUPS = ("wikipedia_current_events", "newsapi_2022_multi")
"""Left out one by one; all other sources together are the last group."""
OTHERS = "others"


def group_of(row: dict[str, Any]) -> str:
    return row["source"] if row["source"] in GROUPS else OTHERS
