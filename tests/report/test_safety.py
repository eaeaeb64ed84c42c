"""Names are anybody's text: a page shows them, and runs nothing of them.

What would run calls hacked(), which nobody defined: that would be an error on the page, and
`check()` would find it.
"""

from __future__ import annotations

import os
import shutil
import urllib.parse
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support import tables
from support.browser import opened
from support.hostile import hostile_names
from support.pages import synthetic_content

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.report.content import Column, Group
from audioclust.report.page import write_page
from audioclust.report.sounds import sounds_of
from audioclust.utils.text import on_one_line

NAMES = hostile_names()

LINKS_LOAD = """async () => {
  const data = readData();
  const failed = [];
  for (let item = 0; item < data.n; item++) {
    const folder = data.sounds.folders[data.folder[item]];
    const file = data.sounds.files[item] ?? encodeURIComponent(data.names[item]);
    const audio = new Audio();
    await new Promise((done) => {
      audio.addEventListener("loadedmetadata", done);
      audio.addEventListener("error", () => { failed.push(data.names[item]); done(); });
      audio.src = folder.url + file;
    });
    audio.removeAttribute("src");
  }
  return failed;
}"""

STRANGE = """() => ({
  foreign: document.querySelectorAll(
    "iframe, object, embed, base, img[src='x'], script[src]").length,
  scripts: document.scripts.length,
  handlers: [...document.querySelectorAll("*")].filter((one) =>
    [...one.attributes].some((a) => a.name.startsWith("on") || /javascript:/i.test(a.value) &&
      ["href", "src", "action"].includes(a.name))).length,
})"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, library: list[str]) -> list[str]:
    """Sounds with hostile names, in folders of which one has a hostile name as well."""
    root = tmp_path_factory.mktemp("hostile")
    sounds = [name for name in library if name.endswith(".wav")]
    files = []
    for place, name in enumerate(NAMES):
        folder = root / ("plain" if place % 2 else "<b>&'\"#%?\u202e")
        folder.mkdir(exist_ok=True)
        path = os.path.join(folder, f"{name}.wav")
        try:
            shutil.copy(sounds[place % len(sounds)], path)
        except OSError:
            continue  # This file system has no such names.
        files.append(path)
    return files


def test_200_hostile_names_are_text_and_play(
    browser: Browser, hostile: list[str], tmp_path: Path
) -> None:
    assert len(NAMES) == 200
    assert len(hostile) >= 150  # File systems refuse some: names that are not UTF-8, say.
    page = tmp_path / "<page> #1.html"
    title = "</title></h1><script>hacked()</script>"
    result = ac.cluster(hostile, 4, random_state=0)
    result.rename({0: "<img src=x onerror=hacked()>", 1: "javascript:hacked()"}).report(
        page, title=title
    )
    with opened(browser, page) as found:
        names = found.page.evaluate("readData().names")
        assert names == [on_one_line(os.path.basename(path)) for path in result.paths]
        assert found.page.evaluate(LINKS_LOAD) == []
        assert sorted(tables.names(found)) == sorted(names)
        assert found.page.inner_text("h1") == title
        about = found.page.evaluate(STRANGE)
        assert about == {"foreign": 0, "scripts": 2, "handlers": 0}
        found.check()
        assert all(url.startswith("file:") for url in found.requests)


def test_everything_that_a_page_is_told_is_text(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(len(NAMES), k=4)
    items = [
        Item(f"{name}/{name}.wav", item.start, item.end)
        for name, item in zip(NAMES, content.items, strict=True)
    ]
    columns = [
        Column(name, name, name, column.values)
        for name, column in zip(NAMES, content.columns, strict=False)
    ]
    groups = [
        Group(group.number, name, name, group.representatives)
        for group, name in zip(content.groups, NAMES, strict=False)
    ]
    worst = replace(
        content,
        title=" ".join(NAMES),
        headline=NAMES,
        items=items,
        columns=columns,
        groups=groups,
        errors=[ItemError(name, "unreadable", name) for name in NAMES],
        warnings=NAMES,
        folder=None,
    )
    page = tmp_path / "page.html"
    write_page(page, worst, "none", ())
    with opened(browser, page) as found:
        told = found.page.evaluate("readData()")
        assert told["headline"] == told["warnings"] == [on_one_line(name) for name in NAMES]
        assert [error["path"] for error in told["errors"]] == told["headline"]
        about = found.page.evaluate(STRANGE)
        assert about == {"foreign": 0, "scripts": 2, "handlers": 0}
        found.check()


def test_links_lead_to_the_files(hostile: list[str], tmp_path: Path) -> None:
    result = ac.cluster(hostile, 4, random_state=0)
    content = result._content(None)
    sounds = sounds_of(content, "link", str(tmp_path))
    for place, path in enumerate(result.paths):
        shown = on_one_line(os.path.basename(path))
        file = sounds["files"].get(str(place), urllib.parse.quote(shown, safe=""))
        link = sounds["folders"][sounds["folder"][place]]["url"] + file
        assert link.isascii()
        there = os.path.join(tmp_path, os.fsdecode(urllib.parse.unquote_to_bytes(link)))
        assert os.path.samefile(there, path)


def test_a_script_that_somebody_adds_does_not_run(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_page(page, synthetic_content(5), "none", ())
    html = page.read_text(encoding="utf-8")
    added = (
        "<script>hacked()</script><img src=x onerror=hacked()><a href='javascript:hacked()'>"
    )
    page.write_text(html.replace("</body>", f"{added}</body>"), encoding="utf-8")
    with opened(browser, page) as found:
        assert not [line for line in found.complaints if "hacked is not defined" in line]
        refused = {violation.split(":")[0] for violation in found.violations()}
        assert {"script-src-elem", "img-src"} <= refused
        markup = "document.body.innerHTML = '<img src=x onerror=hacked()>'"
        assert "TrustedHTML" in found.page.evaluate(
            f"() => {{ try {{ {markup}; }} catch (error) {{ return error.message; }} }}"
        )
