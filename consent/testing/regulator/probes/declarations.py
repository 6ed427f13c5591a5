"""What the declarations of a site say to visitors."""

from consent.checking.vague import is_vague
from consent.services.trackers import tracker_of
from consent.testing.regulator.site import Breach, Site


def vague_purposes_refused(site: Site, path: str) -> None:
    """Every purpose says what happens, not how pleasant it is."""
    for where, purpose in site.declared.purposes():
        if is_vague(purpose):
            raise Breach(f"The purpose of {where} came as {purpose!r}, which says nothing of what is done.")


def necessary_needs_justification(site: Site, path: str) -> None:
    """Every necessary service says why, and none of them is a well-known tracker."""
    for service in site.declared.necessary():
        if not service.justification:
            raise Breach(f"The necessary service {service.id!r} has no justification.")
        for cookie in service.cookies:
            if tracker := tracker_of(cookie.name):
                raise Breach(
                    f"The necessary service {service.id!r} sets {cookie.name!r}, a cookie of {tracker}."
                )
