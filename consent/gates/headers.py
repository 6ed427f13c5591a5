"""Raw header lists as ASGI has them: pairs of bytes; knows no particular header."""

Header = tuple[bytes, bytes]
"""One raw header: name and value."""
