"""What the first alert would wait for is done before it comes, and nobody is told."""

from contextlib import closing
from datetime import UTC, datetime

from siegewatch.net import door as doors
from siegewatch.net.door import Door
from siegewatch.notify.rehearsal import rehearse
from siegewatch.store import codec

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_rehearsal_reads_the_certificates_and_makes_every_shape_ready(monkeypatch):
    read = []
    trusted = doors.trusted_roots
    monkeypatch.setattr(doors, "trusted_roots", lambda: (read.append(1), trusted())[1])
    with closing(Door(allow=(), user_agent="test")) as door:
        rehearse(door, NOW)
        known = codec._adapter.cache_info().currsize
        rehearse(door, NOW)
    assert read == [1]
    assert codec._adapter.cache_info().currsize == known
