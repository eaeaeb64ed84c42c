"""A page as HTML: one file with its data, style and script, which needs no network."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.report.content import N_COLUMNS
from audioclust.report.packing import packed, quantized
from audioclust.report.sounds import apart, sounds_of
from audioclust.utils.files import replacing
from audioclust.utils.palette import COLOURS
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audioclust.report.content import Audio, Content
    from audioclust.utils.types import Path

STYLES = ("style.css", "map.css", "views.css", "player.css")
SCRIPTS = (
    *("data.js", "store.js", "marks.js"),
    *("sources.js", "voice.js", "player_bar.js", "messages.js", "player.js"),
    *("map.js", "views.js", "panels.js"),
    "main.js",
)
"""The parts of style and script, in the order in which they are joined."""


def write_page(path: Path, content: Content, audio: Audio, inputs: Iterable[str]) -> None:
    """Write a page to a file, which is replaced only by a complete one.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write.
    content : Content
    audio : {"link", "representatives", "embed", "none"}
        Where its sounds are.
    inputs : iterable of str
        Files that must not be replaced.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs.
    OSError
        If it cannot be written.
    """
    beside = os.path.dirname(os.path.abspath(os.path.expanduser(os.fsdecode(path))))
    html = rendered(content, sounds_of(content, audio, beside))
    with replacing(path, inputs=inputs) as file:
        file.write(html.encode("utf-8"))


def rendered(content: Content, sounds: dict[str, Any]) -> str:
    """Give a page as HTML.

    Parameters
    ----------
    content : Content
    sounds : dict
        What :func:`audioclust.report.sounds.sounds_of` gives.
    """
    style, script = _joined(STYLES), _joined(SCRIPTS)
    sounds, clips = apart(sounds)
    page: str = _template().render(
        title=on_one_line(content.title),
        policy=_policy(style, script),
        style=style,
        script=script,
        data=json_in_html(_data(content, sounds)),
        clips=clips,
    )
    return page


def json_in_html(value: Any) -> str:
    """Give JSON that can stand in an HTML script element: nothing in it ends the element."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _data(content: Content, sounds: dict[str, Any]) -> dict[str, Any]:
    items = content.items
    columns = {
        "cluster": packed(content.labels),
        "start": packed(np.array([item.start for item in items], np.float32)),
        "duration": packed(np.array([item.end - item.start for item in items], np.float32)),
        "folder": packed(np.array(sounds["folder"], np.int64)),
    }
    if content.points is not None:
        columns["x"] = quantized(content.points[:, 0], 2)
        columns["y"] = quantized(content.points[:, 1], 2)
    if content.neighbors is not None:
        # One more, so that 0 stands for none.
        columns["neighbors"] = packed(content.neighbors + 1)
    if content.order is not None:
        columns["order"] = packed(content.order)
    return {
        "kind": content.kind,
        "title": on_one_line(content.title),
        "headline": [on_one_line(line) for line in content.headline],
        "warnings": [on_one_line(line) for line in content.warnings],
        "errors": [
            {"path": on_one_line(e.path), "kind": e.kind, "message": on_one_line(e.message)}
            for e in content.errors
        ],
        "names": [on_one_line(os.path.basename(item.path)) for item in items],
        "columns": columns,
        "features": [
            {
                "name": column.name,
                "words": column.words,
                "unit": column.unit,
                **quantized(column.values, 1),
            }
            for column in content.columns[:N_COLUMNS]
        ],
        "groups": [
            {
                "number": group.number,
                "name": on_one_line(group.name),
                "words": on_one_line(group.words),
                "representatives": [int(place) for place in group.representatives],
            }
            for group in content.groups
        ],
        "palette": COLOURS,
        "sounds": {key: value for key, value in sounds.items() if key != "folder"},
        "views": content.views,
    }


def _policy(style: str, script: str) -> str:
    """Give the content security policy: nothing but this style, this script and sounds."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "media-src 'self' data: blob: file:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


@functools.cache
def _joined(names: tuple[str, ...]) -> str:
    return "\n".join(_asset(name) for name in names)


def _asset(name: str) -> str:
    folder = resources.files("audioclust.report") / "assets"
    return (folder / name).read_text(encoding="utf-8")


@functools.cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(_asset("page.html"))
