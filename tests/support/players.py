"""Pages that have nothing but a player, to try it whatever else pages show."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np

from audioclust.audio.spans import Item
from audioclust.report import page
from audioclust.report.content import Content, Group
from audioclust.report.sounds import sounds_of

MAIN = """
const data = readData();
const store = createStore();
const player = createPlayer(data, store, document.getElementById("player"));
const audio = document.querySelector("audio");
const seen = {playing: [], times: [], messages: [], heard: []};
store.on(["playing"], (state) => seen.playing.push(state.playing));
store.on(["message"], (state) => state.message && seen.messages.push(state.message));
for (const name of ["playing", "timeupdate", "pause"])
  audio.addEventListener(name, () => seen.times.push(audio.currentTime));
let begun = null; // What plays since when, until it has moved on from there.
audio.addEventListener("playing", () => {
  begun = {item: store.state.playing, at: audio.currentTime};
});
for (const name of ["timeupdate", "pause"]) audio.addEventListener(name, () => {
  if (!begun || audio.currentTime <= begun.at) return;
  seen.heard.push(begun.item);
  begun = null;
});
if (location.hash === "#play") player.play(0);
document.documentElement.dataset.ready = "yes";
"""
"""Instead of main.js. What happens is written down, so that a test misses nothing."""


def content_of(
    items: Sequence[Item],
    labels: Sequence[int] | None = None,
    representatives: Sequence[int] = (),
    folder: str | None = "",
) -> Content:
    """Give what a page shows of some items, all in group 0 if nothing else is said."""
    numbers = np.array(labels or [0] * len(items), np.int32)
    groups = [
        Group(n, f"group {n}", "", [i for i in representatives if numbers[i] == n])
        for n in sorted(set(numbers.tolist()))
    ]
    return Content("clustering", "Sounds", [], items, numbers, groups, folder=folder)


def player_page(path: Path, content: Content, audio: str = "link") -> Path:
    """Write a page that has a player, and whose names tests may use.

    Its sounds lie beside it if nothing else is said.
    """
    if content.folder == "":
        content = dataclasses.replace(content, folder=str(path.parent))
    parts = (*(name for name in page.SCRIPTS if name != "main.js"),)

    def joined(names: tuple[str, ...]) -> str:
        if names != page.SCRIPTS:
            return whole(names)
        return whole(parts) + MAIN

    whole = page._joined
    with mock.patch.object(page, "_joined", joined):
        sounds = sounds_of(content, cast("Any", audio), str(path.parent))
        path.write_text(page.rendered(content, sounds), encoding="utf-8")
    return path
