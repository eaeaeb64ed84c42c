"""How fast the map of a report is drawn, in Chromium without a GPU.

Chromium says when each frame is due (requestAnimationFrame), at most 60 times a second: 16.7 ms
between two frames is as fast as it gets. What drawing alone takes is measured beside it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page
from report import fact
from support.browser import chromium, opened
from support.pages import synthetic_content, synthetic_page

FRAMES = 120

PAN = """
const points = document.querySelector(".map-points");
const ground = points.parentElement;
const box = ground.getBoundingClientRect();
const said = document.querySelector("title");
const [gaps, draws] = [[], []];
const send = (type, x, y) => points.dispatchEvent(new PointerEvent(type, {
  pointerId: 1, pointerType: "mouse", button: 0, buttons: 1, bubbles: true,
  clientX: box.left + box.width / 2 + x, clientY: box.top + box.height / 2 + y,
}));
ground.setPointerCapture = () => {}; // No real pointer is down.
let [count, last, drawn] = [0, 0, points.dataset.frame];
send("pointerdown", 0, 0);
const step = (now) => {
  if (last) gaps.push(now - last);
  last = now;
  if (points.dataset.frame !== drawn) draws.push(Number(points.dataset.took));
  drawn = points.dataset.frame;
  count += 1;
  send("pointermove", 90 * Math.sin(count / 9), 60 * Math.cos(count / 9));
  if (count < FRAMES) requestAnimationFrame(step);
  else { send("pointerup", 0, 0); said.dataset.times = JSON.stringify({gaps, draws}); }
};
requestAnimationFrame(step);
"""


def panned(page: Page) -> dict[str, list[float]]:
    """Drag the map in circles, one step a frame, and give the times in ms."""
    page.evaluate("() => {" + PAN.replace("FRAMES", str(FRAMES)) + "}")
    times = page.locator("title[data-times]")
    times.wait_for(state="attached", timeout=120_000)
    found: dict[str, list[float]] = json.loads(times.get_attribute("data-times") or "")
    return found


READY = """
new MutationObserver((_, observer) => {
  if (!document.documentElement.dataset.ready) return;
  window.readyAfter = performance.now();
  observer.disconnect();
}).observe(document, {subtree: true, attributes: true, attributeFilter: ["data-ready"]});
"""


@pytest.mark.parametrize(("n", "goal"), [(1_000, "0.1 s"), (10_000, ""), (100_000, "0.4 s")])
def bench_opening(n: int, goal: str, tmp_path: Path) -> None:
    page = synthetic_page(tmp_path / "report.html", n)
    names = sum(len(os.path.basename(item.path)) for item in synthetic_content(n).items)
    times = []
    with chromium("--disable-gpu") as browser:
        for _ in range(5):
            with opened(browser, page, script=READY) as found:
                times.append(float(found.page.evaluate("window.readyAfter")))
                data = int(found.page.evaluate("document.getElementById('data').text.length"))
    fact(
        f"report of {n:,} sounds: from the file being opened to the page being ready, median",
        f"{median(times) / 1000:.2f} s; {page.stat().st_size / 1e6:.2f} MB,"
        f" {(data - names) / n:.0f} bytes a sound beside its name",
        goal,
    )


@pytest.mark.parametrize(
    ("n", "settings"),
    [
        (10_000, {}),
        (100_000, {}),
        (100_000, {"device_scale_factor": 2}),
    ],
)
def bench_panning(n: int, settings: dict[str, Any], tmp_path: Path) -> None:
    address = synthetic_page(tmp_path / "report.html", n)
    with chromium("--disable-gpu") as browser, opened(browser, address, **settings) as found:
        found.wait("document.querySelector('.map-points').dataset.frame > 0", 60)
        # Zoomed in a little, so that the map can be moved, and nearly all of it is still drawn.
        box = found.page.locator(".map-points").bounding_box()
        assert box is not None
        found.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        found.page.mouse.wheel(0, -120)
        times = panned(found.page)
        found.check()
    ratio = settings.get("device_scale_factor", 1)
    size = f"{ratio * box['width']:.0f} × {ratio * box['height']:.0f} pixels"
    draw = f"{median(times['draws']):.1f} ms of it drawing"
    fact(
        f"report, map of {n:,} sounds in {size}, no GPU: a frame while it is dragged, median",
        f"{median(times['gaps']):.1f} ms; {draw}",
        "20 ms" if n == 100_000 and ratio == 1 else "",
    )
