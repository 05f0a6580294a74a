"""Documents in files: written whole or not at all, so that whoever serves or reads them never sees half of one."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import unquote, urlsplit

from siegewatch.domain.delivery import Accepted, Retry, Verdict


def path_of(url: str) -> Path:
    """The path of a file address."""
    return Path(unquote(urlsplit(url).path))


def replace_file(path: Path, content: bytes) -> None:
    """Puts a file with that content in place of what is at the path. Raises OSError."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as written:
        try:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
            os.fchmod(written.fileno(), 0o644)
            Path(written.name).replace(path)
        except BaseException:
            Path(written.name).unlink(missing_ok=True)
            raise


def tried(write: Callable[[], None]) -> Verdict:
    """What writing comes to: a full disk or a missing folder may be put right, so it is tried again."""
    try:
        write()
    except OSError as error:
        return Retry(f"cannot be written: {(error.strerror or 'no reason given').lower()}", unsent=True)
    return Accepted(answer="written")
