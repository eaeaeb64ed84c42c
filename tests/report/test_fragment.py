"""What is shown stands in the address, and anybody may have written that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.pages import synthetic_page


def shown(found: Opened) -> dict[str, Any]:
    """What the page shows, read from what can be seen."""
    page = found.page
    selected = page.locator("table.all tr[aria-selected=true]")
    pressed = page.locator(".group-head [aria-pressed=true]")
    return {
        "card": page.locator(".card").inner_text(),
        "row": selected.first.inner_text() if selected.count() else None,
        "only": pressed.first.get_attribute("aria-label") if pressed.count() else None,
        "query": page.get_by_label("Search").input_value(),
        "count": page.locator("#count").inner_text(),
        "color": page.get_by_label("Colour").input_value(),
        "basket": [text or "" for text in page.locator(".basket .link").all_text_contents()],
    }


def test_a_view_that_is_sent_shows_the_same(browser: Browser, tmp_path: Path) -> None:
    path = synthetic_page(tmp_path / "page.html", 500)
    with opened(browser, path) as found:
        page = found.page
        page.get_by_role("button", name="Only cluster 2", exact=True).click()
        page.get_by_label("Search").fill("loops & 1#=%")
        page.get_by_label("Search").fill("loops 1")
        page.locator("#count", has_text=" of 500").wait_for()
        page.get_by_label("Colour").select_option("feature:feature_3_mean")
        page.get_by_role("grid").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.locator(".card .basket-toggle").click()
        found.wait("location.hash.includes('basket=')")
        sent, before = page.url, shown(found)
        assert before["row"] is not None
        found.check()
    with opened(browser, sent) as again:
        assert shown(again) == before
        again.check()


def test_going_to_another_address_shows_that(browser: Browser, tmp_path: Path) -> None:
    path = synthetic_page(tmp_path / "page.html", 500)
    with opened(browser, f"{path.as_uri()}#query=7&sound=3") as found:
        assert shown(found)["query"] == "7"
        found.page.goto(f"{path.as_uri()}#group=1")
        found.wait("document.getElementById('search').value === ''")
        after = shown(found)
        assert after["only"] == "Only cluster 1"
        assert after["row"] is None
        found.check()


def test_strange_words_of_a_search_come_back(browser: Browser, tmp_path: Path) -> None:
    path = synthetic_page(tmp_path / "page.html", 50)
    query = "a&sound=3#=%41+é 鼓 <b>"
    with opened(browser, path) as found:
        found.page.get_by_label("Search").fill(query)
        found.wait("location.hash.includes('query=')")
        sent = found.page.url
    with opened(browser, sent) as again:
        assert shown(again)["query"] == query
        assert shown(again)["row"] is None
        again.check()


@pytest.mark.parametrize(
    "fragment",
    [
        *("sound=50", "sound=-2", "sound=1e3", "sound=NaN", "sound=0x1", "sound=", "sound=1.5"),
        *(
            "group=99",
            "group=__proto__",
            "group=null",
            "color=feature:nothing",
            "color=__proto__",
        ),
        *(
            "view=1,2",
            "view=a,b,c",
            "view=1,2,-3",
            "view=Infinity,0,1",
            "view=1,2,3,4",
            "view=,,",
        ),
        *(
            "basket=a.b.99.-1",
            "basket=...",
            "constructor=1&toString=2",
            "%",
            "%ff%00=%",
            "=",
            "&&&",
        ),
        *(
            "table",
            "theme=dark",
            "sound=99999999999999999999",
            "query=",
            "<script>alert(1)</script>=",
        ),
    ],
)
def test_an_address_that_means_nothing_changes_nothing(
    browser: Browser, small: Path, fragment: str
) -> None:
    with opened(browser, f"{small.as_uri()}#{fragment}") as found:
        assert shown(found) == {
            "card": "No sound is selected yet: click one to hear it.",
            "row": None,
            "only": None,
            "query": "",
            "count": "50 sounds",
            "color": "cluster",
            "basket": [],
        }
        found.check()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 50 items."""
    return synthetic_page(tmp_path_factory.mktemp("small") / "page.html", 50)


def test_a_long_query_is_cut_and_a_basket_has_each_item_once(
    browser: Browser, small: Path
) -> None:
    address = f"{small.as_uri()}#query={'x' * 100_000}&basket=1.1.2.3.3&sound=7"
    with opened(browser, address) as found:
        after = shown(found)
        assert len(after["query"]) == 200
        assert len(after["basket"]) == 3
        assert "_00007.wav" in after["card"]
        found.check()
