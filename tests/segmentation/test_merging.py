"""Labels are merged in the right order, and the number of them is chosen and told in words."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from support.notebooks import unstyled
from support.recordings import SR
from support.segments import as_frames
from support.sounds import alternating

import audioclust as ac
from audioclust.segmentation.labelling.gaussians import losses, moments
from audioclust.segmentation.labelling.label_selection import select
from audioclust.segmentation.labelling.merging import (
    FRAMES_COMPARED,
    OWN_DIFFERENCE,
    STRETCH,
    _compared,
    _differences,
    _merged_blindly,
    merge_steps,
)
from audioclust.segmentation.labelling.resegmentation import LabellingSettings

ADDED = 0.01 * np.eye(3)


def voices(rng: np.random.Generator, order: list[int], n: int = 200) -> tuple[Any, np.ndarray]:
    """Frames of voices one after the other, and whose they are."""
    whose = np.repeat(order, n).astype(np.int32)
    rows = 3.0 * np.eye(3)[whose % 3] * (1 + whose[:, None] // 3) + rng.normal(
        size=(len(whose), 3)
    )
    return as_frames(rows, np.ones(len(whose), np.bool_)), whose


def loss_of(rows: np.ndarray, other: np.ndarray) -> float:
    """Two Gaussians instead of one, by NumPy alone."""
    parts = [np.concatenate([rows, other]), rows, other]
    lengths = [
        len(part) * np.linalg.slogdet(np.cov(part.T, bias=True) + ADDED)[1] for part in parts
    ]
    return float(lengths[0] - lengths[1] - lengths[2])


def test_the_pair_that_differs_least_for_its_own_differences_is_merged(
    rng: np.random.Generator,
) -> None:
    """A twin over the frames themselves."""
    frames, whose = voices(rng, [0, 1, 2, 3, 0, 1, 2, 3])
    frames.active[rng.random(len(whose)) < 0.2] = False
    first, second, step = _compared([frames], [whose], 4, ADDED)
    every = np.concatenate([rows for _, rows in frames.cepstra.blocks()]).astype(np.float64)
    own, parts, counts = [], [], []
    for label in range(4):
        rows = every[frames.active & (whose == label)]
        odd = np.arange(len(rows)) // STRETCH % 2 == 1
        own.append(loss_of(rows[~odd], rows[odd]) / np.sqrt(len(rows)))
        parts.append(rows)
        counts.append(len(rows))
    found = {
        (i, j): loss_of(parts[i], parts[j]) / np.sqrt(counts[i] + counts[j])
        for i in range(4)
        for j in range(i + 1, 4)
    }
    best = min(found, key=lambda p: found[p] / (OWN_DIFFERENCE + max(own[p[0]], own[p[1]])))
    assert (first, second) == best
    assert step.difference == pytest.approx(found[best], rel=1e-6)
    assert step.own_difference == pytest.approx(np.average(own, weights=counts), rel=1e-6)


def test_more_frames_than_are_compared_count_by_their_mean(rng: np.random.Generator) -> None:
    n = int(FRAMES_COMPARED)
    frames, whose = voices(rng, [0, 1], n)
    sums = moments([frames], [whose], 2)
    one, other = sums.picked(np.array([0])), sums.picked(np.array([1]))
    expected = losses(one, other, ADDED) / (2 * n) * np.sqrt(n)
    assert _differences(one, other, ADDED) == pytest.approx(expected)


def test_many_labels_become_few_as_if_all_pairs_were_compared_each_time(
    rng: np.random.Generator,
) -> None:
    frames, whose = voices(rng, [*range(8)], 40)
    labels = (2 * whose + rng.integers(0, 2, len(whose))).astype(np.int32)
    names = _merged_blindly(moments([frames], [labels], 16), 5, ADDED)
    slow = labels.copy()
    for n in range(16, 5, -1):
        sums = moments([frames], [slow], n)
        one, other = np.triu_indices(n, 1)
        best = int(_differences(sums.picked(one), sums.picked(other), ADDED).argmin())
        slow[slow == other[best]] = one[best]
        slow -= slow > other[best]
    assert np.array_equal(names[labels], slow)


@pytest.mark.parametrize("silence", [False, True])
def test_merging_ends_with_the_voices(rng: np.random.Generator, silence: bool) -> None:
    order = [0, 1, 2, 0, 2, 1, 2]
    frames, whose = voices(rng, order)
    if silence:
        frames.active[600:800] = False
    labels = (8 * whose + np.arange(len(whose)) // 25 % 8).astype(np.int32)
    asked = LabellingSettings(24, 50, silence, 20.0)
    path = list(merge_steps([frames], [labels], asked, ADDED, least=1, few=12))
    assert [step.n_labels for step in path] == [*range(12, 0, -1)]
    found = path[-3]
    (own,) = found.labels
    pairs = {
        (int(a), int(b)) for a, b in zip(own[frames.active], whose[frames.active], strict=True)
    }
    assert len(pairs) == 3
    assert (own[~frames.active] == 3).all()
    # Parts of one voice are merged before, and differ by chance only.
    assert found.difference > 5 * path[-4].difference


def test_a_number_is_chosen_if_all_smaller_ones_are_of_different_voices() -> None:
    known = {2: (200.0, 10.0), 3: (60.0, 10.0), 4: (52.0, 10.0), 5: (90.0, 10.0)}
    chosen = select(known, [2, 3, 4, 5])
    # 52 is less than 10 and the 43 that are needed, and what comes after does not count.
    assert chosen.best_k == 3
    assert chosen.choice() == (
        "k=3 was chosen: the two most alike of 3 labels differ by 60 (more than 53 is needed);"
        " those of 4 labels by 52 only (more than 53)"
    )
    assert [row["verdict"] for row in chosen] == ["plausible", "best", "", ""]
    assert len(chosen) == 4
    assert select(known, [2]).best_k == 2
    assert select(known, [4, 5]).best_k == 1
    one = select({2: (40.0, 20.0), 3: (20.0, 20.0)}, [2, 3])
    assert one.best_k == 1
    assert one.reason == (
        "even two labels differ by 40 only (more than 63 is needed, as parts of one label"
        " differ by 20)"
    )
    nothing = select({}, [2, 3])
    assert (nothing.best_k, len(nothing)) == (1, 0)
    assert "not enough sound" in repr(nothing)


def test_the_reason_names_the_numbers_that_k_range_lacks() -> None:
    known = {2: (200.0, 10.0), 3: (60.0, 10.0), 4: (52.0, 10.0)}
    assert select(known, [5]).reason == (
        "any two of 3 labels differ enough, but k_range has no number from 2 to 3"
    )
    assert select(known, [2, 5]).reason == (
        "the two most alike of 2 labels differ by 200 (more than 53 is needed);"
        " any two of 3 labels differ enough, but 3 is not in k_range"
    )


def test_the_reason_shows_which_of_two_close_numbers_is_larger() -> None:
    chosen = select({2: (53.1, 10.0), 3: (52.9, 10.0), 4: (53.0, 10.0)}, [2, 3])
    assert chosen.best_k == 2
    assert chosen.reason == (
        "the two most alike of 2 labels differ by 53.10 (more than 53.00 is needed);"
        " those of 3 labels by 52.90 only (more than 53.00)"
    )
    # As much as is needed is not more than that.
    assert select({2: (53.0, 10.0)}, [2]).best_k == 1


def test_a_choice_is_shown_exported_and_pickled() -> None:
    result = ac.segment({"y": (alternating([0, 1, 0, 1]), SR)}, "auto", k_range=[2, 3])
    chosen = result.selection
    assert isinstance(chosen, ac.LabelSelection)
    assert result.k == chosen.best_k == 2
    assert chosen.choice() in repr(result)
    assert f"k=2 was chosen: {chosen.reason}" == chosen.choice()
    assert repr(chosen).splitlines()[2].split()[-1] == "best"
    assert unstyled(chosen._repr_html_()).count("<tr>") == 1 + len(chosen)
    document = result.span_table().about["selection"]
    assert document == {"best_k": 2, "reason": chosen.reason, "table": chosen.table()}
    pickled = pickle.dumps(result)
    assert b"audioclust.segmentation" not in pickled
    assert pickle.loads(pickled) == result
    assert pickle.loads(pickled).selection == chosen
