"""What a page does before anybody was asked."""

from consent.testing.regulator.declared import FONTS, TAG_MANAGERS, hosts_of, is_under
from consent.testing.regulator.pages import Page
from consent.testing.regulator.probes.devices import listed
from consent.testing.regulator.site import Breach, Site, Unjudged


def no_cookie_on_arrival(site: Site, path: str) -> None:
    """A fresh visitor opens the page: nothing is stored that is not declared necessary."""
    if found := site.fresh(path).stored:
        raise Breach(f"{path} stored {listed(found)} before any choice.")


def third_party_tags_absent_until_consent(site: Site, path: str) -> None:
    """Nobody else is contacted but hosts of necessary services, before a choice and after a refusal."""
    told_elsewhere = hosts_of((*TAG_MANAGERS, *FONTS))
    for when, found in _uninvited(site, path).items():
        others = {host: by for host, by in found.items() if not is_under(host, told_elsewhere)}
        if others:
            raise Breach(f"{path} contacts {_told(others)} {when}.")


def tag_manager_gated(site: Site, path: str) -> None:
    """No tag manager is loaded, before a choice and after a refusal."""
    _contacts_none_of(site, path, hosts_of(TAG_MANAGERS), "the tag manager")


def remote_fonts_gated(site: Site, path: str) -> None:
    """No font comes from somebody else's server, before a choice and after a refusal."""
    _contacts_none_of(site, path, hosts_of(FONTS), "the font server")


def objection_signals_honoured(site: Site, path: str) -> None:
    """Global Privacy Control denies what it concerns, and the site says that it listens."""
    objectable = site.declared.objectable()
    if not objectable:
        raise Unjudged("No category advertises or shares data, so there is nothing to object to.")
    objector = site.visitor(sec_gpc="1")
    objector.open(path)
    if kept := objectable - objector.standing().denied:
        raise Breach(f"{listed(kept)} is not denied to a browser that sends 'Sec-GPC: 1'.")
    status, text = objector.read("/.well-known/gpc.json")
    if status != 200 or '"gpc"' not in text:
        raise Breach(f"/.well-known/gpc.json answered {status}; expected is a file that says 'gpc'.")


def _contacts_none_of(site: Site, path: str, hosts: tuple[str, ...], what: str) -> None:
    for when, found in _uninvited(site, path).items():
        if named := {host: by for host, by in found.items() if is_under(host, hosts)}:
            raise Breach(f"{path} contacts {what} {_told(named)} {when}.")


def _uninvited(site: Site, path: str) -> dict[str, dict[str, str]]:
    """Hosts that the page contacts without consent, before a choice and after a refusal."""
    pages = {"before any choice": site.fresh(path), "after a refusal": site.after("refuse", path)}
    return {when: _without_consent(site, page) for when, page in pages.items()}


def _without_consent(site: Site, page: Page) -> dict[str, str]:
    hosts = site.strangers(page.contacts)
    return {host: by for host, by in hosts.items() if not site.declared.may_contact(host)}


def _told(hosts: dict[str, str]) -> str:
    return ", ".join(f"{host} (by {by})" for host, by in sorted(hosts.items()))
