"""How good groups and their number are, on sounds whose classes are known.

Classes are the folders or the names of files. Three recipes group each set into as many groups
as there are classes: the default, the features and the scaling of the article that the project
began with, and that article with librosa and scikit-learn.

The rule that chooses a number was made on classes of the sets at hand. It is measured on others
that had no part in it: readers, excerpts of music, and the demo's synthetic sounds.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import soundfile
from report import fact
from support.blobs import BLOBS
from support.data import DATA
from support.labelled import SETS

import audioclust
from audioclust.audio.spans import Item
from audioclust.demo import kind_of, synthesize

Labelled: TypeAlias = "tuple[list[str], list[str]]"
"""Paths, and the class of each."""

SUBSETS = 64
"""Number of subsets of held-out classes."""


def labelled(name: str) -> Labelled:
    pattern, class_of = SETS[name]
    paths = sorted(DATA.glob(pattern))
    if not paths:
        pytest.skip(f"no {name} in {DATA}")
    return [str(path) for path in paths], [class_of(path) for path in paths]


@functools.cache
def table_of(name: str) -> audioclust.FeatureTable:
    return audioclust.extract(labelled(name)[0])


def v_measure(classes: list[str], labels: np.ndarray) -> float:
    from sklearn.metrics import v_measure_score

    return float(v_measure_score(classes, labels))


def default(name: str, k: int) -> np.ndarray:
    return audioclust.cluster(table_of(name), k).labels


def article(name: str, k: int) -> np.ndarray:
    return audioclust.cluster(labelled(name)[0], k, features="article").labels


def with_librosa(name: str, k: int) -> np.ndarray:
    """The article's recipe: means of eight features, standardised, and ten k-means++ starts."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    rows = np.stack([librosa_row(path) for path in labelled(name)[0]])
    scaled = StandardScaler().fit_transform(rows)
    return np.asarray(KMeans(k, n_init=10, random_state=0).fit(scaled).labels_)


def librosa_row(path: str) -> np.ndarray:
    import librosa
    from librosa import feature

    y, sr = librosa.load(path)
    mel = librosa.power_to_db(feature.melspectrogram(y=y, sr=sr))
    columns = [
        feature.spectral_bandwidth(y=y, sr=sr).mean(),
        feature.rms(y=y).mean(),
        feature.spectral_flatness(y=y).mean(),
        feature.zero_crossing_rate(y).mean(),
        feature.chroma_stft(y=y, sr=sr).mean(),
        mel.mean(),
        *feature.mfcc(y=y, sr=sr).mean(axis=1),
        *feature.spectral_contrast(y=y, sr=sr).mean(axis=1),
    ]
    return np.array(columns, np.float64)


RECIPES = {
    "default": default,
    'features="article"': article,
    "librosa and scikit-learn": with_librosa,
}


@pytest.mark.parametrize("recipe", RECIPES)
def bench_groups_of_known_classes(recipe: str) -> None:
    found = {}
    for name in SETS:
        classes = labelled(name)[1]
        found[name] = v_measure(classes, RECIPES[recipe](name, len(set(classes))))
    goal = "mean ≥ .70" if recipe == "default" else ""
    each = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    mean = np.mean(list(found.values()))
    fact(f"V-measure, true k: {recipe}", f"mean {mean:.3f}: {each}", goal)


@pytest.mark.parametrize("features", ["default", "article"])
def bench_speakers_of_padded_digits(features: str) -> None:
    """Digits between up to a second of digital silence at both ends, as recorders leave it."""
    paths, classes = labelled("speakers")
    found: dict[str, list[float]] = {"none": [], "trim=40": []}
    for seed in range(4):
        sounds = padded(paths, np.random.default_rng(seed))
        for name, trim in (("none", None), ("trim=40", 40.0)):
            preparation = audioclust.Preparation(trim=trim)
            table = audioclust.extract(sounds, features=features, preparation=preparation)
            labels = audioclust.cluster(table, len(set(classes))).labels
            found[name].append(v_measure(classes, labels))
    for name, values in found.items():
        value = f"mean {np.mean(values):.3f}, lowest {min(values):.3f}, of 4 seeds"
        goal = "≥ .80" if name == "trim=40" else ""
        fact(
            f"V-measure, speakers of padded digits, {features}, preparation: {name}",
            value,
            goal,
        )


def padded(paths: list[str], rng: np.random.Generator) -> dict[str, tuple[np.ndarray, int]]:
    """Give sounds with a random length of silence up to a second before and after each."""
    sounds = {}
    for path in paths:
        y, sr = audioclust.load(path, sr=None)
        before, after = (rng.uniform(0, 1, 2) * sr).astype(int)
        sounds[path] = (np.pad(y, (before, after)), sr)
    return sounds


PRESETS_FOR = {
    "oneshots": ("samples", "drums", "instruments"),
    "speech": ("speakers", "digits"),
}
"""Sets that a preset is measured on, beside the default."""


@pytest.mark.parametrize("preset", PRESETS_FOR)
def bench_presets(preset: str) -> None:
    for name in PRESETS_FOR[preset]:
        paths, classes = labelled(name)
        k = len(set(classes))
        silenced = padded(paths, np.random.default_rng(5))
        for sounds, words in ((paths, name), (silenced, f"{name}, padded with silence")):
            plain, prepared = (
                v_measure(classes, audioclust.cluster(sounds, k, preset=one).labels)
                for one in (None, preset)
            )
            fact(f"preset {preset}: {words}", f"{prepared:.3f}; the default {plain:.3f}")


@pytest.mark.parametrize("name", SETS)
def bench_number_of_a_labelled_set(name: str) -> None:
    true = len(set(labelled(name)[1]))
    found = audioclust.choose_k(table_of(name))
    value = f"{found.best_k}; plausible: {', '.join(map(str, found.plausible))}"
    fact(f"choosing k of {name}, {true} classes", value)


def readers_and_music(folder: Path) -> Iterator[tuple[str, np.ndarray, int]]:
    """Turns of five readers, and up to 20 excerpts of 3 s of each of ten pieces of music."""
    for path in sorted((DATA / "conversations").glob("dev_dialogue*.rttm")):
        y, sr = soundfile.read(path.with_suffix(".flac"), dtype="float32")
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = line.split()
            start, length = float(fields[3]), float(fields[4])
            if length >= 0.5:
                yield fields[7], y[int(start * sr) : int((start + length) * sr)], sr
    for path in sorted((DATA / "music").glob("*.ogg")):
        y, sr = soundfile.read(path, dtype="float32", always_2d=True)
        n = min(20, len(y) // (3 * sr))
        for i in range(n):
            start = i * (len(y) // n)
            yield path.stem, y[start : start + 3 * sr].mean(axis=1), sr
    for sound in synthesize(str(folder), each=20):
        y, sr = soundfile.read(sound, dtype="float32")
        yield kind_of(sound), y, sr


def held_out(folder: Path) -> tuple[audioclust.FeatureTable, np.ndarray]:
    """Rows of the classes of which there are at least eight sounds, and their classes."""
    sounds = list(readers_and_music(folder))
    names = [f"{i}" for i in range(len(sounds))]
    given = {name: (y, sr) for name, (_, y, sr) in zip(names, sounds, strict=True)}
    classes = np.array([kind for kind, _, _ in sounds])
    table = audioclust.extract(given)
    assert len(table) == len(sounds)
    kinds, counts = np.unique(classes, return_counts=True)
    return table, np.where(np.isin(classes, kinds[counts >= 8]), classes, "")


def part_of(table: audioclust.FeatureTable, rows: np.ndarray) -> audioclust.FeatureTable:
    items = tuple(table.items[row] for row in rows)
    return dataclasses.replace(table, values=table.values[rows], items=items)


def bench_numbers_of_held_out_subsets(tmp_path: Path) -> None:
    if not (DATA / "conversations").is_dir():
        pytest.skip(f"no conversations in {DATA}")
    table, classes = held_out(tmp_path)
    kinds = sorted(set(classes) - {""})
    rng = np.random.default_rng(3)
    errors, nearest, found_structure = [], [], 0
    for _ in range(SUBSETS):
        chosen = rng.choice(kinds, int(rng.integers(2, 15)), replace=False)
        rows = np.flatnonzero(np.isin(classes, chosen))
        kept = np.sort(rng.choice(rows, round(len(rows) * rng.uniform(0.4, 1)), replace=False))
        true = len(set(classes[kept]))
        found = audioclust.choose_k(part_of(table, kept))
        errors.append(abs(np.log2(found.best_k / true)))
        nearest.append(min(abs(np.log2(k / true)) for k in (found.plausible or (1,))))
        found_structure += found.structure == "clear"
    value = f"median {np.median(errors):.2f}, mean {np.mean(errors):.2f}"
    fact(f"log2 of k / true k, without sign, {SUBSETS} held-out subsets", value, "median ≤ .5")
    fact("the same, nearest of the plausible k", f"median {np.median(nearest):.2f}")
    fact("structure found in them", f"{found_structure} of {SUBSETS}")


def bench_sets_without_structure() -> None:
    found = n_sets = 0
    for seed in range(2):
        for blob in BLOBS.values():
            for n in (20, 60, 200, 600):
                rng = np.random.default_rng([9, seed, n])
                for d in (2, 10):
                    found += audioclust.choose_k(blob(rng, n, d)).best_k > 1
                    n_sets += 1
                found += wide(blob(rng, n, 150)).best_k > 1
                n_sets += 1
    fact("structure found where there is none", f"{found} of {n_sets}", "≤ 5 %")


def wide(rows: np.ndarray) -> audioclust.KSelection:
    """Choose a number for rows of a table, with the scaling that cluster() has for so many."""
    columns = tuple(f"column_{i}" for i in range(rows.shape[1]))
    items = tuple(Item(str(i), 0.0, 1.0) for i in range(len(rows)))
    settings = audioclust.ExtractionSettings.checked()
    values = rows.astype(np.float32)
    table = audioclust.FeatureTable(values, columns, items, (), settings)
    return audioclust.choose_k(table, scaling="neighbors" if len(rows) >= 60 else "standard")


def bench_real_rows_without_structure() -> None:
    """The rows of real sets, each column permuted, or drawn from one Gaussian like them."""
    found = n_sets = 0
    for name in ("drums", "samples", "instruments", "speakers"):
        values = table_of(name).values.astype(np.float64)
        mean, covariance = values.mean(axis=0), np.cov(values.T)
        for seed in range(2):
            rng = np.random.default_rng([8, seed])
            for n in (20, 60, min(200, len(values))):
                some = values[rng.choice(len(values), n, replace=False)]
                permuted = np.stack([rng.permutation(column) for column in some.T], axis=1)
                drawn = rng.multivariate_normal(mean, covariance, n, method="eigh")
                for rows in (permuted, drawn):
                    found += wide(rows).best_k > 1
                    n_sets += 1
    fact("structure found in real rows without any", f"{found} of {n_sets}", "≤ 5 %")
