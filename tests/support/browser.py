"""Pages in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

WATCH_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


def chromium_path() -> str:
    """Give Chromium's program. Without it a test is skipped, which CI does not accept."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.environ.get("CI"):
        pytest.fail("CI needs Chromium: apt install chromium")
    pytest.skip("no Chromium: apt install chromium")


@contextlib.contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """Start Chromium; it may play sounds without being asked."""
    with sync_playwright() as playwright:
        flags = ["--autoplay-policy=no-user-gesture-required", "--mute-audio"]
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=list(arguments) or flags,
            chromium_sandbox=False,
        )
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page that is open, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What the content security policy refused."""
        return list(self.page.evaluate("window.violations"))

    def wait(self, condition: str, seconds: float = 10.0) -> None:
        """Wait until a JavaScript expression is true.

        Playwright's own wait_for_function() runs eval(), which the page's policy refuses.
        """
        end = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < end, f"{condition} did not become true"
            self.page.wait_for_timeout(20)

    def check(self) -> None:
        """There were no errors, and the policy refused nothing."""
        assert self.complaints == []
        assert self.violations() == []


@contextlib.contextmanager
def opened(
    browser: Browser, address: Path | str, *, script: str = "", **context: Any
) -> Iterator[Opened]:
    """Open a file or an address, wait until the page is ready, and close it at the end.

    A script runs before those of the page.
    """
    settings = {"viewport": {"width": 1280, "height": 800}, **context}
    with contextlib.closing(browser.new_context(**settings)) as window:
        window.add_init_script(WATCH_VIOLATIONS + script)
        page = window.new_page()
        found = Opened(page)
        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on(
            "console",
            lambda line: found.complaints.append(line.text) if line.type == "error" else None,
        )
        page.on("request", lambda request: found.requests.append(request.url))
        page.goto(address.as_uri() if isinstance(address, Path) else address)
        page.wait_for_selector("html[data-ready=yes]", state="attached")
        yield found
