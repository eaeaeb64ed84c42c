"""Names that somebody might give a file to harm a page that shows it."""

from __future__ import annotations

import itertools
import os

_CODE = (
    "<script>hacked()</script>",
    "</script><script>hacked()</script>",
    "</SCRIPT ><svg onload=hacked()>",
    "<!--<script>",
    "-->",
    "]]>",
    "<img src=x onerror=hacked()>",
    "<iframe srcdoc='<script>parent.hacked()<&#47script>'>",
    "<style>*{display:none}</style>",
    "</title><base href=x>",
    "</textarea><meta http-equiv=refresh content=0>",
    "\"><b onmouseover='hacked()'>",
    "' onclick='hacked()' x='",
    "` + hacked() + `",
    "${hacked()}",
    "{{ hacked() }}",
    "{% raw %}",
    "';hacked();'",
    '";hacked();"',
    "\\';hacked();",
    "\\u003cscript\\u003e",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "javascript:hacked()",
    "JaVaScRiPt:hacked()",
    "data:text/html,<script>hacked()</script>",
    "blob:null",
    "__proto__",
    "constructor",
    "%00",
    "%2e%2e%2f",
    "%3Cb%3E",
    "?a=1&b=2",
    "#fragment",
    "a?b#c%d",
    " leading",
    "trailing ",
    "..hidden..",
    "-rf",
    "~",
    "C:x",
    "a\\b",
    "a:b",
    "*",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "\x1b[31mred",
    "\x07bell",
    "\u2028line\u2029paragraph",
    "\u202egnp.exe",
    "\u2066isolate",
    "a\u200bb",
    "\ufeffmark",
    "\u00ad",
    "e\u0301",
    "é",
    "🥁",
    "👩\u200d🎤",
    "漢字",
    "עברית",
    "العربية",
    "\U000e0041",
    "\U0010ffff",
    "\udcff",
    "a\udc80b\udcfe",
    "\udced\udca0\udc80",
)


def hostile_names(n: int = 200) -> list[str]:
    """Give names of files without a suffix: each by itself, and then two together."""
    both = (a + b for a, b in itertools.permutations(_CODE, 2))
    # Spread over all pairs, so that every one of them is in some.
    spread = itertools.islice(both, 0, None, 31)
    fitting = (name for name in (*_CODE, *spread) if len(os.fsencode(name)) < 200)
    return list(itertools.islice(dict.fromkeys(fitting), n))
