"""Content codings that a body can be taken out of and put back into, piece by piece; knows no HTTP message.

A page that an inner middleware compressed has to be opened for what goes in. zlib is Python's own; brotli
and Zstandard are used where they are installed.
"""

import importlib
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

PIECE: Final = 64 * 1024
"""Bytes of the largest piece that comes out of a decoder: a small body can hold a very large page."""

_SLICE: Final = 256
"""Bytes given at once to a decoder that cannot be told how much may come out."""

_MAX_WINDOW: Final = 8 * 1024 * 1024
"""The largest window that browsers accept (RFC 9659)."""

_RAW: Final = -zlib.MAX_WBITS


class CodingError(Exception):
    """A body is not in the coding that its header names."""


class Decoder(Protocol):
    """Opens a stream: what comes out comes in pieces of bounded size."""

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """What can be read now. Raises `CodingError`."""


class Encoder(Protocol):
    """Closes a stream again."""

    def compress(self, data: bytes, *, final: bool) -> bytes:
        """All of ``data``, so that whoever gets it can read it at once."""


class _Inflate:
    """gzip and deflate. Several gzip members are one stream (RFC 1952, 2.2), and leave as one member."""

    def __init__(self, bits: int | None) -> None:
        self._bits = bits
        self._inner = None if bits is None else zlib.decompressobj(bits)

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        try:
            while chunk:
                inner = self._inner = self._inner or zlib.decompressobj(self._bits or _bits_of(chunk))
                yield inner.decompress(chunk, PIECE)
                chunk = inner.unconsumed_tail
                if inner.eof:
                    chunk, self._inner = inner.unused_data, None
                elif not chunk:
                    yield from self._rest(inner)
        except zlib.error as error:
            raise CodingError(str(error)) from error

    def _rest(self, inner: Any) -> Iterator[bytes]:
        """What a limited call may have left inside although all its input was taken."""
        while piece := inner.decompress(b"", PIECE):
            yield piece


def _bits_of(chunk: bytes) -> int:
    """Deflate is zlib's format (RFC 9110, 8.4.1.2); some send it bare, and browsers read both."""
    return zlib.MAX_WBITS if chunk[0] & 0x8F == 8 else _RAW


class _Deflate:
    def __init__(self, bits: int) -> None:
        # A fallback: the compressor belongs outside, so that this one is quick rather than tight.
        self._inner = zlib.compressobj(4, zlib.DEFLATED, bits)

    def compress(self, data: bytes, *, final: bool) -> bytes:
        mode = zlib.Z_FINISH if final else zlib.Z_SYNC_FLUSH
        return self._inner.compress(data) + self._inner.flush(mode)


class _Limited:
    """brotli from 1.2 on: it says how much comes out, and when it takes more."""

    def __init__(self, module: Any) -> None:
        self._inner, self._error = module.Decompressor(), module.error

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        try:
            yield self._inner.process(chunk, output_buffer_limit=PIECE)
            while not self._inner.can_accept_more_data():
                yield self._inner.process(b"", output_buffer_limit=PIECE)
        except self._error as error:
            raise CodingError(str(error)) from error


class _Brotli:
    def __init__(self, module: Any) -> None:
        self._inner = module.Compressor(quality=4)

    def compress(self, data: bytes, *, final: bool) -> bytes:
        start: bytes = self._inner.process(data)
        return start + bytes(self._inner.finish() if final else self._inner.flush())


class _Standard:
    """Python's own Zstandard (3.14), or its backport."""

    def __init__(self, module: Any) -> None:
        options = {module.DecompressionParameter.window_log_max: _MAX_WINDOW.bit_length() - 1}
        self._make: Callable[[], Any] = lambda: module.ZstdDecompressor(options=options)
        self._inner, self._error = self._make(), module.ZstdError

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        try:
            while chunk:
                if self._inner.eof:
                    self._inner = self._make()
                yield self._inner.decompress(chunk, PIECE)
                while not self._inner.needs_input and not self._inner.eof:
                    yield self._inner.decompress(b"", PIECE)
                chunk = self._inner.unused_data if self._inner.eof else b""
        except self._error as error:
            raise CodingError(str(error)) from error


class _StandardEncoder:
    def __init__(self, module: Any) -> None:
        self._inner = module.ZstdCompressor(level=3)

    def compress(self, data: bytes, *, final: bool) -> bytes:
        mode = self._inner.FLUSH_FRAME if final else self._inner.FLUSH_BLOCK
        return bytes(self._inner.compress(data, mode))


class _Sliced:
    """The package zstandard: it bounds nothing, so that it gets little at a time."""

    def __init__(self, module: Any) -> None:
        self._make: Callable[[], Any] = module.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj
        self._inner, self._error = self._make(), module.ZstdError

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        try:
            for start in range(0, len(chunk), _SLICE):
                part = chunk[start : start + _SLICE]
                while part:
                    if self._inner.eof:
                        self._inner = self._make()
                    yield self._inner.decompress(part)
                    part = self._inner.unused_data
        except self._error as error:
            raise CodingError(str(error)) from error


class _SlicedEncoder:
    def __init__(self, module: Any) -> None:
        self._inner = module.ZstdCompressor(level=3).compressobj()
        self._modes = (module.COMPRESSOBJ_FLUSH_BLOCK, module.COMPRESSOBJ_FLUSH_FINISH)

    def compress(self, data: bytes, *, final: bool) -> bytes:
        start: bytes = self._inner.compress(data)
        return start + bytes(self._inner.flush(self._modes[final]))


class Coding:
    """One content coding: what opens a body, and what closes it."""

    def __init__(self, decoder: Callable[[], Decoder], encoder: Callable[[], Encoder]) -> None:
        self.decoder = decoder
        self.encoder = encoder


def _brotli(module: Any) -> Coding | None:
    """``None`` for versions that cannot bound what comes out."""
    if not hasattr(module.Decompressor, "can_accept_more_data"):
        return None
    return Coding(lambda: _Limited(module), lambda: _Brotli(module))


def _standard(module: Any) -> Coding:
    return Coding(lambda: _Standard(module), lambda: _StandardEncoder(module))


def _sliced(module: Any) -> Coding:
    return Coding(lambda: _Sliced(module), lambda: _SlicedEncoder(module))


_OPTIONAL: Final[dict[str, tuple[tuple[str, Callable[[Any], Coding | None]], ...]]] = {
    "br": (("brotli", _brotli), ("brotlicffi", _brotli)),
    "zstd": (("compression.zstd", _standard), ("backports.zstd", _standard), ("zstandard", _sliced)),
}
_GZIP: Final = Coding(lambda: _Inflate(zlib.MAX_WBITS | 16), lambda: _Deflate(zlib.MAX_WBITS | 16))
_DEFLATE: Final = Coding(lambda: _Inflate(None), lambda: _Deflate(zlib.MAX_WBITS))


def load(module: str, make: Callable[[Any], Coding | None]) -> Coding | None:
    """The coding that an optional ``module`` offers, ``None`` if it is not installed."""
    try:
        return make(importlib.import_module(module))
    except ImportError:
        return None


def available() -> dict[str, Coding]:
    """Every coding that can be opened here, by its name in ``Content-Encoding``."""
    found = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}
    for name, modules in _OPTIONAL.items():
        coding = next(filter(None, (load(module, make) for module, make in modules)), None)
        if coding is not None:
            found[name] = coding
    return found


CODINGS: Final = available()
