"""The list of formats in the README, which is written from the tables of formats and decoders.

python tests/support/generated.py
"""

from __future__ import annotations

import re
from pathlib import Path

README = Path(__file__).resolve().parent.parent.parent / "README.md"


def with_formats(page: str) -> str:
    """Give a page with the list of formats of today between its two markers."""
    from audioclust.audio.decoding.decoders import as_markdown

    between = re.compile(r"(<!-- formats -->\n).*?(<!-- /formats -->)", re.DOTALL)
    return between.sub(lambda found: found[1] + as_markdown() + found[2], page, count=1)


if __name__ == "__main__":
    README.write_text(with_formats(README.read_text(encoding="utf-8")), encoding="utf-8")
