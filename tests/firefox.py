"""How tests start a Firefox and speak to it: by Marionette, its own protocol, as Playwright drives only its own build."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

Found = TypeVar("Found")

PATIENCE = 30
"""So many seconds may pass before what a test waits for."""

PREFERENCES: dict[str, Any] = {
    "marionette.port": 0,  # a free one, which Firefox writes into the profile
    "services.settings.server": "data:,",  # no remote settings; heeded with the variable below
    "datareporting.policy.dataSubmissionEnabled": False,  # no telemetry and no page about it
    "browser.preonboarding.enabled": False,
    "media.gmp-provider.enabled": False,
    "media.gmp-manager.updateEnabled": False,
}
"""What keeps it quiet, beyond what Marionette itself sees to."""

FLAGS = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
ENVIRONMENT = {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}

KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Shift": "\ue008", "Escape": "\ue00c", "Space": " "}

# What is asked of the browser itself, which knows more than a page may.
NOTE_HOSTS = """
    window.hosts = new Set();
    const note = (channel) => window.hosts.add(channel.QueryInterface(Ci.nsIHttpChannel).URI.host);
    Services.obs.addObserver(note, "http-on-modify-request");
"""
FORGET = """
    const [done] = arguments;
    Services.console.reset();
    Services.clearData.deleteData(Ci.nsIClearDataService.CLEAR_ALL, () => done());
"""
# A cookie that was deleted in the same millisecond may be kept, expired, where no page and no site sees it.
HELD = """
    const held = Services.cookies.cookies.filter(({ isSession, expiry }) => isSession || expiry > Date.now());
    return held.map(({ name }) => name);
"""
ERRORS = """
    const errors = Services.console.getMessageArray().filter((said) => said instanceof Ci.nsIScriptError);
    return errors.filter(({ category }) => category == "content javascript").map(({ errorMessage }) => errorMessage);
"""


def firefox_path() -> str | None:
    """The browser on this machine, if there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def without_firefox() -> NoReturn:
    """What becomes of a test that has none: skipped by hand, a failure in continuous integration."""
    message = "Firefox is missing: install it (Debian: apt-get install firefox-esr)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


class FirefoxError(Exception):
    """Firefox could not do what it was asked to."""


class Firefox:
    """A Firefox with a profile of its own, and without scripts if so wished; `close` ends it."""

    def __init__(self, path: str, profile: Path, *, scripts: bool = True) -> None:
        preferences = {**PREFERENCES, "javascript.enabled": scripts}
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()
        )
        (profile / "user.js").write_text("".join(lines), "utf-8")
        self._process = subprocess.Popen(
            [path, *FLAGS, f"--profile={profile}"],
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._greet(profile / "MarionetteActivePort")
        except BaseException:
            self._process.kill()
            raise

    def _greet(self, port: Path) -> None:
        number = int(self.wait(lambda: port.exists() and port.read_text()))
        self._socket = socket.create_connection(("127.0.0.1", number), timeout=3 * PATIENCE)
        self._stream = self._socket.makefile("rwb")
        self._asked = 0
        self._read()
        self.ask("WebDriver:NewSession")
        self._inside(NOTE_HOSTS)

    def close(self) -> None:
        """End it; its profile is left to whoever made it."""
        self._stream.close()
        self._socket.close()
        self._process.kill()
        self._process.wait()

    # --- the protocol ----------------------------------------------------------------------------

    def ask(self, command: str, **parameters: Any) -> Any:
        """What it answers to a command of WebDriver's or its own."""
        self._asked += 1
        message = json.dumps([0, self._asked, command, parameters]).encode()
        self._stream.write(b"%d:%b" % (len(message), message))
        self._stream.flush()
        _, _, error, result = self._read()
        if error:
            raise FirefoxError(f"{command}: {error['error']}: {error['message']}")
        return result["value"] if isinstance(result, dict) and result.keys() == {"value"} else result

    def _read(self) -> Any:
        length = b""
        while (digit := self._stream.read(1)) not in (b":", b""):
            length += digit
        return json.loads(self._stream.read(int(length)))

    def _inside(self, script: str, command: str = "WebDriver:ExecuteScript") -> Any:
        """What a script gives that runs in the browser itself."""
        self.ask("Marionette:SetContext", value="chrome")
        try:
            return self.ask(command, script=script, args=[])
        finally:
            self.ask("Marionette:SetContext", value="content")

    # --- what a reader does ----------------------------------------------------------------------

    def opens(self, address: str) -> None:
        self.ask("WebDriver:Navigate", url=address)

    def opens_tab(self) -> str:
        """Another tab, which is in front from now on; what it is called."""
        name: str = self.ask("WebDriver:NewWindow", type="tab")["handle"]
        self.turns_to(name)
        return name

    def turns_to(self, tab: str) -> None:
        self.ask("WebDriver:SwitchToWindow", handle=tab)

    def types(self, *keys: str) -> None:
        """Press a key, or several at once."""
        downs = [{"type": "keyDown", "value": KEYS[key]} for key in keys]
        ups = [{"type": "keyUp", "value": KEYS[key]} for key in reversed(keys)]
        self.ask("WebDriver:PerformActions", actions=[{"type": "key", "id": "keys", "actions": downs + ups}])

    def forgets(self) -> None:
        """Begin anew, as in a fresh profile: one empty tab, no cookie, nothing stored, nobody contacted."""
        first, *others = self.ask("WebDriver:GetWindowHandles")
        for tab in others:
            self.turns_to(tab)
            self.ask("WebDriver:CloseWindow")
        self.turns_to(first)
        self.opens("about:blank")
        self._inside(FORGET, "WebDriver:ExecuteAsyncScript")
        self.forgets_hosts()

    def forgets_hosts(self) -> None:
        """Whom it has contacted counts from now on."""
        self._inside("window.hosts.clear()")

    # --- what a test sees ------------------------------------------------------------------------

    def sees(self, expression: str, *arguments: Any) -> Any:
        """What an expression gives in the page, with or without the page's own scripts."""
        return self.ask("WebDriver:ExecuteScript", script=f"return ({expression})", args=arguments)

    def wait(self, look: Callable[[], Found]) -> Found:
        """What `look` gives as soon as it is something; pages that go away meanwhile are no error."""
        end = time.monotonic() + PATIENCE
        while True:
            found, failed = None, None
            try:
                found = look()
            except FirefoxError as error:
                failed = error
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError("What the test waits for does not come.") from failed
            time.sleep(0.05)

    @property
    def focused(self) -> str:
        """The name under which assistive technology knows what has the focus."""
        (element,) = self.ask("WebDriver:GetActiveElement").values()
        return str(self.ask("WebDriver:GetComputedLabel", id=element))

    @property
    def cookies(self) -> set[str]:
        """Names of the cookies that the browser holds, whoever set them."""
        return set(self._inside(HELD))

    @property
    def errors(self) -> list[str]:
        """What went wrong in the scripts of pages."""
        return list(self._inside(ERRORS))

    @property
    def contacted(self) -> set[str]:
        """Hosts that were sent a request, by the page or by the browser itself."""
        return set(self._inside("return [...window.hosts]"))
