"""Bodies that strangers send to routes with a proof of their own: bounded in size and time."""

import asyncio
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

MOST_BYTES = 1_000_000
SECONDS = 10.0


async def body_of(request: Request, most: int = MOST_BYTES, seconds: float = SECONDS) -> bytes:
    """The body. Raises HTTPException where it is too large or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    raise HTTPException(413, f"over {most} bytes")
    except TimeoutError:
        raise HTTPException(408, "the body took too long") from None
    return bytes(body)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of those with one name."""
    try:
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=50)
    except ValueError:
        raise HTTPException(400, "this is no form of ours") from None
    return {name: values[0] for name, values in found.items()}
