"""Notices that what an operator wrote has changed, by looking at the files of the configuration folder."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from siegewatch.settings.load import Settings, load

_PATTERNS = ("*.y*ml", "*/*.y*ml")

Stamps = Mapping[Path, tuple[int, int]]
"""The time of change (ns) and the size of each file."""


@dataclass
class ConfigFolder:
    """A folder and the variables that configure us. Made before it is first loaded, so that no change in between goes
    unseen."""

    folder: Path
    environ: Mapping[str, str]
    _seen: Stamps = field(default_factory=dict)
    _read: Stamps = field(default_factory=dict)
    _digest: bytes = b""

    def __post_init__(self) -> None:
        self._seen = self._read = self._stamps()
        self._digest = self._contents()

    def load(self) -> Settings:
        """The settings as they are written now. Raises SettingsError."""
        return load(self.folder, self.environ)

    def changed(self) -> bool:
        """Whether the files hold something else than when this was last true. Only what stands still between two looks
        counts: an editor may be writing, or a second file still to come."""
        before, self._seen = self._seen, self._stamps()
        if self._seen != before or self._seen == self._read:
            return False
        self._read = self._seen
        held, self._digest = self._digest, self._contents()
        return self._digest != held

    def _stamps(self) -> Stamps:
        found = {}
        for path in self._files():
            with suppress(OSError):
                about = path.stat()
                found[path] = about.st_mtime_ns, about.st_size
        return found

    def _contents(self) -> bytes:
        digest = blake2b()
        for path in sorted(self._files()):
            with suppress(OSError):
                digest.update(blake2b(str(path).encode()).digest() + blake2b(path.read_bytes()).digest())
        return digest.digest()

    def _files(self) -> Iterator[Path]:
        for pattern in _PATTERNS:
            yield from self.folder.glob(pattern)
