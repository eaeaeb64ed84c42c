"""Why a number of clusters was chosen, as a page shows it."""

from __future__ import annotations

from typing import Any, Protocol

from audioclust.utils.text import on_one_line


class Selection(Protocol):
    """What speaks for each number of clusters or of labels.

    :class:`audioclust.KSelection` and :class:`audioclust.LabelSelection` are such.
    """

    @property
    def best_k(self) -> int:
        """The number that was chosen."""

    def to_dict(self) -> dict[str, Any]:
        """Give best_k, reason and table, as JSON has them."""


_CURVES = {
    "silhouette": (
        ("silhouette", "silhouette: how clear the groups are"),
        ("compared", "the same, of as many sounds as are compared"),
        ("null_mean", "random data sets without groups: their mean"),
        ("null_high", "from there to where 95 % of them lie below"),
    ),
    "difference": (
        ("difference", "how much the two most alike labels differ"),
        ("own_difference", "how much parts of one label differ"),
    ),
}
"""The columns of a chart and what they are, by the column that is first."""


def selection(chosen: Selection) -> dict[str, Any]:
    """Give what a page shows of the choice of k, as JSON values.

    Returns
    -------
    view : dict
        ``best_k``; ``reason``, in words; ``plausible``, other numbers that may be right;
        ``curves``, each with ``name`` (a column of the
        table) and ``words``; ``table``, a dict for each k that was tried.
    """
    known = chosen.to_dict()
    table = known["table"]
    main = "difference" if table and "difference" in table[0] else "silhouette"
    curves = [
        {"name": name, "words": words}
        for name, words in _CURVES[main]
        if name != "compared" or any(row["compared"] != row["silhouette"] for row in table)
    ]
    columns = ["k", *(curve["name"] for curve in curves), "stability", "verdict"]
    return {
        "best_k": known["best_k"],
        "reason": on_one_line(known["reason"]),
        "plausible": [k for k in known.get("plausible", ()) if k != known["best_k"]],
        "curves": curves,
        "table": [
            {name: _plain(row[name]) for name in columns if name in row} for row in table
        ],
    }


def _plain(value: Any) -> Any:
    """Give a number that JSON has: what is not finite is null."""
    is_number = isinstance(value, float)
    if not is_number:
        return value
    return round(value, 4) if abs(value) < float("inf") else None
