"""What becomes of a withdrawal."""

from urllib.parse import urlsplit

from consent.testing.regulator.probes.devices import left_of, listed, plant_declared
from consent.testing.regulator.site import Breach, Site, Unjudged


def withdrawal_deletes_ids_and_notifies(site: Site, path: str) -> None:
    """Accept, read every page, withdraw: the identifiers go, and who kept them is told."""
    visitor = site.visitor()
    visitor.open(path)
    on_arrival = visitor.unconsented()
    visitor.accept()
    granted = visitor.standing().granted
    for page in (*site.paths, path):
        visitor.open(page)
    held = plant_declared(visitor) | (visitor.unconsented() & visitor.cookies) - on_arrival
    visitor.withdraw()
    standing = visitor.standing()
    if kept := site.declared.asked & standing.granted:
        raise Breach(f"After a withdrawal {listed(kept)} is still granted.")
    if left := left_of(visitor, held):
        raise Breach(f"After a withdrawal the device still holds {listed(left)}.")
    if untold := visitor.untold(granted - standing.granted):
        raise Breach(f"After a withdrawal no script in the page was told of {listed(untold)}.")


def withdrawal_has_no_penalty(site: Site, path: str) -> None:
    """The page is as good after a withdrawal as it was for a visitor who was never asked."""
    before, after = site.fresh(path), site.after("withdraw", path)
    if after.status != before.status or _place(after.address) != _place(before.address):
        came = f"{after.status} at {_place(after.address)}"
        raise Breach(f"{path} answered {before.status} before, and {came} after a withdrawal.")
    words, less = len(before.markup.words), len(after.markup.words)
    asked = len(before.banner.words) if before.banner else 0
    if less < (words - asked) * 0.7:
        raise Breach(f"{path} had {words - asked} characters to read before, and {less} after a withdrawal.")


def request_cookies_filtered_after_withdrawal(site: Site, path: str) -> None:
    """Cookies that come back after a withdrawal are not shown to the app."""
    visitor = site.visitor()
    visitor.open(path)
    visitor.accept()
    visitor.withdraw()
    planted = plant_declared(visitor)
    if not planted:
        raise Unjudged("No cookie that needs consent is declared for this host.")
    for page in site.paths:
        sent = planted & visitor.cookies
        if shown := sent - visitor.withheld(page):
            raise Breach(f"After a withdrawal {page} was still shown {listed(shown)}.")
        plant_declared(visitor)


def withdraw_clicks_at_most_accept_clicks_plus_one(site: Site, path: str) -> None:
    """From this page it is one click to where consent is withdrawn, and one more to do it."""
    page = site.after("accept", path)
    if any(form.button("withdraw") for form in page.markup.forms):
        return
    ours = {site.path, _place(site.after("accept", site.path).address)}
    leading = [link for link in page.markup.links if _place(link["href"]) in ours or "data-cst-open" in link]
    if not leading:
        raise Breach(f"{path} has no link to the cookie settings, so that nobody can withdraw from there.")
    target = site.after("accept", _place(leading[0]["href"]))
    if not any(form.button("withdraw") for form in target.markup.forms):
        raise Breach(f"{target.path} has no button to withdraw, for a visitor who has accepted.")


def _place(address: str) -> str:
    """The path of an address."""
    return urlsplit(address).path
