"""Bodies that an app hands to the server as files, read piece by piece where they have to be looked into."""

import os
from collections.abc import AsyncIterator
from typing import Any, Final

from anyio import open_file, to_thread
from starlette.types import Message

PIECE: Final = 64 * 1024
"""Bytes read at once."""


async def pieces(message: Message) -> AsyncIterator[tuple[bytes, bool]]:
    """The bytes of a ``pathsend`` or ``zerocopysend`` message, each piece with whether the body goes on."""
    if message["type"] == "http.response.pathsend":
        async with await open_file(message["path"], "rb") as file:
            more = True
            while more:
                piece = await file.read(PIECE)
                more = len(piece) == PIECE
                yield piece, more
        return
    async for piece in _copied(message["file"], message.get("offset"), message.get("count")):
        yield piece, True
    yield b"", bool(message.get("more_body", False))


async def _copied(file: Any, offset: int | None, count: int | None) -> AsyncIterator[bytes]:
    """``count`` bytes from ``offset``; by default all from where the file stands."""
    number = file if isinstance(file, int) else file.fileno()
    start = os.lseek(number, 0, os.SEEK_CUR) if offset is None else offset
    left = count
    while left is None or left > 0:
        piece = await to_thread.run_sync(os.pread, number, min(PIECE, left or PIECE), start)
        if not piece:
            break
        start, left = start + len(piece), None if left is None else left - len(piece)
        yield piece
    if offset is None:
        os.lseek(number, start, os.SEEK_SET)
