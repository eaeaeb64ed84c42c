"""Conversations whose turns are known, new ones made of their turns, and how wrong spans are.

The dialogues are of five LibriSpeech readers who take turns. The settings of segment() were
chosen with the help of the readers in :data:`CHOSEN_ON`, and measured on the others; see
docs/segments.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile
from scipy.optimize import linear_sum_assignment

DIALOGUES = tuple(f"dev_dialogue{i}" for i in range(5))
EXCERPTS = ("dev00", "dev01", "trn04")
CHOSEN_ON = frozenset({"1688", "2609"})

Turn: TypeAlias = tuple[float, float, str]
"""Start and end in seconds, and who speaks."""


@dataclass(frozen=True, eq=False)
class Conversation:
    """A recording and who speaks when.

    Attributes
    ----------
    name : str
        What it is called.
    y : ndarray of shape (n,), float32
        One channel.
    sr : int
        Its rate in Hz.
    turns : tuple of Turn
        In their order; in excerpts of meetings they overlap.
    """

    name: str
    y: np.ndarray
    sr: int
    turns: tuple[Turn, ...]

    @property
    def n_voices(self) -> int:
        return len({who for _, _, who in self.turns})


def load(data: Path, name: str) -> Conversation:
    """Read a conversation and its RTTM file."""
    (path,) = (data / "conversations").glob(f"{name}.[fw]*")
    y, sr = soundfile.read(path, dtype="float32")
    lines = path.with_suffix(".rttm").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line.startswith("SPEAKER")]
    turns = [(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows]
    return Conversation(name, y, sr, tuple(turns))


def utterances(conversations: Iterable[Conversation]) -> dict[str, list[np.ndarray]]:
    """Give the turns of each voice, each once: the same ones are in several dialogues."""
    found: dict[str, dict[int, np.ndarray]] = defaultdict(dict)
    for one in conversations:
        for start, end, who in one.turns:
            y = one.y[round(start * one.sr) : round(end * one.sr)]
            found[who].setdefault(round(100 * (end - start)), y)
    return {who: [*parts.values()] for who, parts in sorted(found.items())}


def converse(
    voices: dict[str, list[np.ndarray]], seed: int, *, seconds: float, sr: int = 16000
) -> Conversation:
    """Let voices take turns, none twice in a row and no utterance twice.

    Pauses are of .15 to .7 s, voices differ by up to 14 dB, a third of the longer turns are cut
    to 1 to 3 s, and there is noise at about -70 dB throughout. It ends after `seconds`, or when
    only one voice has utterances left.
    """
    rng = np.random.default_rng(seed)
    left = {
        who: [parts[i] for i in rng.permutation(len(parts))] for who, parts in voices.items()
    }
    gains = {who: 0.5 * 10 ** (rng.uniform(-14, 0) / 20) for who in voices}
    pieces: list[np.ndarray] = []
    turns: list[Turn] = []
    at, last = 0, ""
    while at < seconds * sr:
        ready = [who for who, parts in left.items() if parts and who != last]
        if not ready or (sum(map(bool, left.values())) < 2 and len(voices) > 1):
            break
        last = ready[int(rng.integers(len(ready)))]
        y = left[last].pop()
        if len(y) > 3 * sr and rng.random() < 1 / 3:
            y = y[: round(rng.uniform(1, 3) * sr)]
        turns.append((at / sr, (at + len(y)) / sr, last))
        pause = np.zeros(round(rng.uniform(0.15, 0.7) * sr), np.float32)
        pieces += [y * (gains[last] / np.abs(y).max()), pause]
        at += len(y) + len(pause)
    y = np.concatenate(pieces)
    noise = rng.normal(size=len(y)) * 10 ** (-70 / 20)
    return Conversation(f"seed {seed}", (y + noise).astype(np.float32), sr, tuple(turns))


STEPS = 100
"""Steps in a second, at which spans and turns are compared."""


def mislabelled(spans: Iterable[Turn], truth: Conversation) -> np.ndarray:
    """Give for how long one voice speaks and has a wrong label, and for how long one speaks.

    Labels and voices are matched one to one so that the first is least. A label that matches no
    voice is wrong throughout. Both are in seconds.
    """
    n = round(STEPS * len(truth.y) / truth.sr)
    talking = _table(truth.turns, n)
    labels = _table(spans, n)
    alone = talking.sum(axis=0) == 1
    shared = talking[:, alone].astype(float) @ labels[:, alone].T
    right = shared[linear_sum_assignment(-shared)].sum()
    return np.array([alone.sum() - right, alone.sum()]) / STEPS


def error_rate(spans: Sequence[Turn], turns: Sequence[Turn]) -> float:
    """Give the diarization error rate, without a collar and with overlaps counted.

    It is the time that is missed, that is labelled though nobody speaks, and that has the wrong
    label, over the time that is spoken, two at once counting twice. Labels and voices are
    matched so that most time is right.
    """
    edges = np.unique([edge for start, end, _ in [*spans, *turns] for edge in (start, end)])
    parts = [*pairwise(edges)]
    known, found = (_at(which, parts) for which in (turns, spans))
    lengths = np.diff(edges)
    shared = (known * lengths) @ found.T
    right = shared[linear_sum_assignment(-shared)].sum()
    speaking, labelled = known.sum(axis=0), found.sum(axis=0)
    wrong = np.dot(np.maximum(speaking, labelled), lengths) - right
    return float(wrong / np.dot(speaking, lengths))


def _table(turns: Iterable[Turn], n: int) -> np.ndarray:
    """Tell for each name and step whether it is on, of shape (names, n)."""
    rows: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(n, np.bool_))
    for start, end, name in turns:
        rows[name][round(STEPS * start) : round(STEPS * end)] = True
    return np.stack([*rows.values()])


def _at(turns: Iterable[Turn], parts: Sequence[tuple[float, float]]) -> np.ndarray:
    """Tell for each name and part of the time whether it is on, of shape (names, parts)."""
    middles = np.array([(start + end) / 2 for start, end in parts])
    rows: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(parts)))
    for start, end, name in turns:
        rows[name][(start < middles) & (middles < end)] = 1
    return np.stack([*rows.values()])
