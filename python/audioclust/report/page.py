"""A page as HTML: one file with its data, style and script, which needs no network."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from importlib import resources
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.report.content import SUFFIXES, check_page, is_page
from audioclust.report.data import data_of
from audioclust.report.sounds import apart, sounds_of
from audioclust.utils.files import output_path, replacing
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.report.content import Audio, Content
    from audioclust.utils.types import Path

STYLES = ("style.css", "panels/panels.css", "map.css", "views/views.css", "player.css")
SCRIPTS = (
    *("data.js", "store.js", "marks.js", "colors.js"),
    *("sources.js", "voice.js", "player_bar.js", "messages.js", "player.js"),
    *("map/view.js", "map/find.js", "map/stamps.js", "map/draw.js", "map/over.js"),
    *("map/short_names.js", "map/marks_index.js"),
    *("map/names.js", "map/legend.js", "map/tools.js", "map/collect.js"),
    *("map/gestures.js", "map/keys.js", "map/print.js", "map/map.js"),
    *("views/views.js", "views/timeline.js", "views/lane.js", "views/spans.js"),
    *("views/grid.js", "views/selection.js", "views/pitch.js"),
    *("panels/words.js", "panels/headline.js", "panels/theme.js"),
    *("panels/search.js", "panels/tools.js", "panels/clusters.js", "panels/order.js"),
    "panels/rows.js",
    *("panels/table.js", "panels/details.js", "panels/downloads.js", "panels/basket.js"),
    *("panels/tabs.js", "panels/fragment.js", "panels/panels.js", "main.js"),
)
"""The parts of style and script, in the order in which they are joined."""


_NOT_IN_HTML = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
"""What could end an element or a line of script, and halves of pairs, which UTF-8 has not."""


def write_page(
    path: Path,
    content: Content | Callable[[str | None], Content],
    audio: Audio,
    inputs: Iterable[str],
    title: str | None = None,
) -> None:
    """Write a page to a file, which is replaced only by a complete one.

    Parameters
    ----------
    path : str or os.PathLike
        The file to write.
    content : Content or callable
        What it shows, or what gives that for a title. It is called when all else was checked.
    audio : {"link", "representatives", "embed", "none"}
        Where its sounds are.
    inputs : iterable of str
        Files that must not be replaced.
    title : str or None
        The title that was asked for, which a callable is given.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs or ends with neither .html nor .htm, `audio` is no such
        word, or `title` no text.
    OSError
        If it cannot be written.
    """
    check_page(audio, title)
    known = list(inputs)
    name = output_path(path, inputs=known)
    if not is_page(name):
        raise ParameterError(f"path={name!r:.200}: expected a name that ends with {SUFFIXES}")
    shown = content(title) if callable(content) else content
    html = rendered(shown, sounds_of(shown, audio, os.path.dirname(os.path.abspath(name))))
    with replacing(name, inputs=known) as file:
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
        data=json_in_html(data_of(content, sounds)),
        clips=clips,
    )
    return page


def json_in_html(value: Any) -> str:
    """Give JSON that can stand in an HTML script element: nothing in it ends the element."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return _NOT_IN_HTML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _policy(style: str, script: str) -> str:
    """Give the content security policy: nothing but this style, this script and sounds.

    From a page on the disk, browsers count all files on it as its own ('self'). Trusted types
    refuse text where markup or script is expected, whoever would put it there.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "media-src 'self' data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
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
