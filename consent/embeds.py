"""The frame by which a page embeds what a service shows: its address, and its markup; knows no visitor."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from markupsafe import Markup, escape

from consent.errors import ConsentError
from consent.model import Embed, Service

_SCHEMES: Final = ("https", "http")


def embed_address(service: Service, address: str) -> str:
    """``address`` as the service serves it with the least tracking; its own parameters are kept.

    Raises `ConsentError` if ``address`` is not at a host that ``service`` declares.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in _SCHEMES or not _declares(service, host):
        allowed = ", ".join((*service.hosts, *service.shared_hosts)) or "none"
        problem = f"{service.id!r} was to be embedded from {address!r}; its declared hosts are {allowed}."
        raise ConsentError(problem)
    how = service.embed or Embed()
    if host in how.swap:
        parts = parts._replace(netloc=parts.netloc.replace(host, how.swap[host], 1))
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    added = {name: value for name, value in how.parameters.items() if name not in given}
    query = "&".join(filter(None, (parts.query, urlencode(added))))
    return parts._replace(query=query).geturl()


def frame(address: str, attributes: Mapping[str, str | int | bool]) -> Markup:
    """An ``<iframe>``; ``True`` is an attribute without a value, ``False`` none."""
    written = [
        escape(name) if value is True else Markup('{}="{}"').format(name, value)
        for name, value in {"src": address, **attributes}.items()
        if value is not False
    ]
    return Markup("<iframe {}></iframe>").format(Markup(" ").join(written))


def _declares(service: Service, host: str) -> bool:
    """A host stands for its subdomains too, also one from which the service is served when swapped."""
    declared = (*service.hosts, *service.shared_hosts)
    return any(host == name or host.endswith(f".{name}") for name in declared)
