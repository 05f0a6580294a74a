"""This process as others know it that share the store."""

import os
import socket

from siegewatch.store.claims import Worker


def process_name() -> str:
    """Names this process among all that share the store."""
    return f"{host()}:{os.getpid()}"


def host() -> str:
    """Names this host, or container."""
    return socket.gethostname()


def worker() -> Worker:
    """This process as one that claims work."""
    return Worker(process_name(), _is_gone)


def _is_gone(process: str) -> bool:
    """Whether a process of that name is no more. Of another host's nobody knows: its claims run out. Our own name
    on a claim made before we began is that of a process before us, as in a container started again."""
    where, _, pid = process.rpartition(":")
    if where != host():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return int(pid) == os.getpid()
