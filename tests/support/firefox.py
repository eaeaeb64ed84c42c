"""Pages in Firefox, driven by WebDriver BiDi over a websocket.

Playwright drives only a Firefox of its own making, which would be a download.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from support.browser import WATCH_VIOLATIONS

PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.autoplay.default": 0,  # Sounds may play without being asked for.
    "media.cubeb.backend": "alsa",  # It is told to play to nowhere, below.
    "media.volume_scale": "0.0",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


SOUND = "pcm.!default { type null }\nctl.!default { type null }\n"
"""A sound card that is not there but takes sounds, so that they play on any machine."""


def firefox_path() -> str:
    """Give Firefox's program. Without it a test is skipped, which CI does not accept."""
    for name in ("firefox-esr", "firefox"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("CI needs Firefox: apt install firefox-esr")
    pytest.skip("no Firefox: apt install firefox-esr")


class Firefox:
    """A window of Firefox, and what its pages complained of."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        self._do("session.new", capabilities={})
        self._do("session.subscribe", events=["log.entryAdded"])
        self._do("script.addPreloadScript", functionDeclaration=f"() => {{{WATCH_VIOLATIONS}}}")
        self._window = self._do("browsingContext.create", type="tab")["context"]

    def _do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and give its result; what else arrives meanwhile is looked at."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        while True:
            answer = json.loads(self._connection.recv(timeout=60))
            if answer.get("method") == "log.entryAdded":
                entry = answer["params"]
                if entry["level"] == "error":
                    self.complaints.append(str(entry["text"]))
            elif answer.get("id") == number:
                assert answer["type"] == "success", answer
                return dict(answer["result"])

    def open(self, page: Path | str) -> None:
        """Open a page, and wait until it is ready."""
        address = page.as_uri() if isinstance(page, Path) else page
        self._do("browsingContext.navigate", context=self._window, url=address, wait="complete")
        self.wait("document.documentElement.dataset.ready === 'yes'")

    @contextlib.contextmanager
    def in_frame(self) -> Iterator[None]:
        """Look at, and act in, the first frame of the page."""
        page = self._window
        (tree,) = self._do("browsingContext.getTree", root=page)["contexts"]
        self._window = tree["children"][0]["context"]
        try:
            yield
        finally:
            self._window = page

    def evaluate(self, expression: str) -> Any:
        """Give the value of a JavaScript expression: a number, a text, true, false or null."""
        answer = self._do(
            "script.evaluate",
            expression=expression,
            target={"context": self._window},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = 20.0) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not self.evaluate(condition):
            assert time.monotonic() < end, f"{condition} did not become true"
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a user does."""
        quoted = json.dumps(selector)
        self.evaluate(f"document.querySelector({quoted}).scrollIntoView({{block: 'center'}})")
        place = (
            f"JSON.stringify((b => [b.x + b.width / 2, b.y + b.height / 2])"
            f"(document.querySelector({quoted}).getBoundingClientRect()))"
        )
        x, y = json.loads(self.evaluate(place))
        self.click_at(x, y)

    def click_at(self, x: float, y: float) -> None:
        """Click a place of the window."""
        actions = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": "mouse", "actions": actions}
        self._do("input.performActions", context=self._window, actions=[pointer])

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        actions = [
            {"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")
        ]
        keyboard = {"type": "key", "id": "keys", "actions": actions}
        self._do("input.performActions", context=self._window, actions=[keyboard])

    def check(self) -> None:
        """There were no errors, and the policy refused nothing."""
        assert self.complaints == []
        assert json.loads(self.evaluate("JSON.stringify(window.violations)")) == []


@contextlib.contextmanager
def firefox() -> Iterator[Firefox]:
    """Start Firefox without a screen and with a profile of its own."""
    program = firefox_path()
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as profile:
        lines = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()
        ]
        Path(profile, "user.js").write_text("\n".join(lines), encoding="utf-8")
        Path(profile, ".asoundrc").write_text(SOUND, encoding="utf-8")
        command = [program, "--headless", "--no-remote", "--profile", profile]
        spoken = Path(profile, "stderr.txt")
        with open(spoken, "wb") as stderr:
            process = subprocess.Popen(
                [*command, "--remote-debugging-port", "0", "about:blank"],
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env={**os.environ, "HOME": profile},
            )
        try:
            with connect(
                f"{_address(spoken)}/session", max_size=None, proxy=None
            ) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(spoken: Path) -> str:
    """Give the address on which Firefox listens, once it has said it on standard error."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if found := re.search(
            r"WebDriver BiDi listening on (ws://\S+)", spoken.read_text("utf-8")
        ):
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"Firefox does not listen: {spoken.read_text('utf-8')}")
