"""What becomes of a refusal."""

from consent.testing.regulator.probes.devices import example, left_of, listed, plant_declared
from consent.testing.regulator.site import Breach, Site, Unjudged


def refuse_expires_every_declared_cookie(site: Site, path: str) -> None:
    """Cookies of an earlier time are gone after a refusal and a few pages."""
    visitor = site.visitor()
    planted = plant_declared(visitor)
    if not planted:
        raise Unjudged("No cookie that needs consent is declared for this host.")
    visitor.open(path)
    visitor.refuse()
    if left := left_of(visitor, planted):
        raise Breach(f"After a refusal the device still holds {listed(left)}.")


def multi_purpose_cookie_needs_all(site: Site, path: str) -> None:
    """A cookie of two categories goes if one of them is refused."""
    shared = site.declared.shared()
    if not shared:
        raise Unjudged("No cookie serves more than one category.")
    for name, categories in shared.items():
        visitor = site.visitor()
        visitor.open(path)
        choices = visitor.choose().choices
        if choices is None:
            raise Breach("The second layer offers no single choices.")
        visitor.plant(example(name))
        visitor.tick(choices, sorted(categories)[0])
        save = choices.button("save")
        if save is not None:
            visitor.press(choices, save)
        if left_of(visitor, {example(name)}):
            raise Breach(f"{name!r} serves {listed(categories)}, and stayed with one of them granted.")


def reject_then_five_pages_nothing_new(site: Site, path: str) -> None:
    """After a refusal five pages bring no cookie and no contact that was not there before."""
    visitor = site.visitor()
    before = set(site.strangers(visitor.open(path).contacts))
    held = visitor.unconsented()
    visitor.refuse()
    for page in site.round(5):
        contacts = site.strangers(visitor.open(page).contacts)
        uninvited = {host for host in contacts if not site.declared.may_contact(host)} - before
        if new := (visitor.unconsented() - held) | uninvited:
            raise Breach(f"After a refusal {page} brought {listed(new)}.")


def save_with_nothing_ticked_is_refusal(site: Site, path: str) -> None:
    """Nothing is ticked for who has not decided, and saving that grants nothing."""
    visitor = site.visitor()
    visitor.open(path)
    choices = visitor.choose().choices
    if choices is None:
        raise Breach("The second layer offers no single choices.")
    if choices.ticked:
        raise Breach(f"Before any choice {listed(choices.ticked)} is ticked on the second layer.")
    if save := choices.button("save"):
        visitor.press(choices, save)
    standing = visitor.standing()
    if kept := site.declared.asked - standing.denied:
        raise Breach(f"Saving an empty choice left {listed(kept)} undenied.")


def no_re_prompt_after_refusal(site: Site, path: str) -> None:
    """Who has refused is not asked on this page, and not for half a year."""
    visitor = site.walker("refuse")
    if site.after("refuse", path).banner is not None:
        raise Breach(f"{path} asks again after a refusal.")
    kept = [days for name in visitor.cookies if name.endswith("consent") and (days := visitor.kept_for(name))]
    if not kept or max(kept) < 179:
        told = f"{max(kept):.0f} days" if kept else "this visit"
        raise Breach(f"The refusal is kept for {told}; expected are 180 days at least.")
