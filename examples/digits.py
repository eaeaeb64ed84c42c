"""Spoken digits of four speakers, grouped by eight features.

    python examples/digits.py [FOLDER] [--out FOLDER] [--play]

FOLDER has files named digit_speaker_number.wav. The script prints elbow, silhouette and
V-measure. For the V-measure, the speaker is the true class; clustering knows nothing of it.

Published figures of fifty other files, which are not available, are printed beside. Those
files were grouped by k-means with k=4 over the same eight features: bandwidth, RMS, flatness,
zero-crossing rate, chroma, mel spectrogram, MFCC and spectral contrast.
"""

from __future__ import annotations

import argparse
import glob
import os
import sys

import audioclust as ac
from audioclust.plotting.style import require_matplotlib

try:
    require_matplotlib()
except ac.MissingExtraError as why:
    sys.exit(str(why))

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("AUDIOCLUST_TEST_DATA", os.path.join(HERE, "..", "..", "shared", "data"))
SPEAKERS = ("george", "jackson", "lucas", "nicolas")
FEATURES = (
    "spectral_bandwidth",
    "rms",
    "spectral_flatness",
    "zero_crossing_rate",
    "chroma_mean",
    "mel_level",
    "mfcc",
    "spectral_contrast",
)
K_RANGE = range(2, 16)
PUBLISHED = {"silhouette": 0.4, "v_measure": 0.409, "homogeneity": 0.436, "completeness": 0.386}


def speaker(path: str) -> str:
    return os.path.basename(path).split("_")[1]


def find(folder: str) -> list[str]:
    files = sorted(glob.glob(os.path.join(glob.escape(folder), "*_*_*.wav")))
    found = [path for path in files if speaker(path) in SPEAKERS]
    if not found:
        names = ", ".join(SPEAKERS)
        sys.exit(f"{folder} has no digits of {names}: name the folder that has them")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Group spoken digits.")
    parser.add_argument("folder", nargs="?", default=os.path.join(DATA, "digits"))
    parser.add_argument("--out", default="digits", help="where to write pictures and sounds")
    parser.add_argument("--play", action="store_true", help="play a cluster, too")
    options = parser.parse_args()

    table = ac.extract(find(options.folder), features=FEATURES)
    print(f"{len(table)} files, {len(table.columns)} columns of {len(FEATURES)} features")
    four = ac.cluster(table, 4, scaling="standard")
    auto = ac.cluster(table, "auto", scaling="standard", k_range=K_RANGE)
    chosen = ac.choose_k(table, K_RANGE)
    print(
        "inertia:", *(f"k={k} {x:.0f}" for k, x in zip(chosen.k, chosen.inertia, strict=True))
    )
    print(f"elbow at k={chosen.knee}; k={auto.k} was chosen: {chosen.reason}")

    truth = [speaker(item.path) for item in table.items]
    scores = {"k=4": four.evaluate(truth), "auto": auto.evaluate(truth)}
    print(f"{'':14}{'published':>10}{'k=4':>8}{'auto':>8}")
    for name, published in PUBLISHED.items():
        mine = "".join(f"{each[name]:8.3f}" for each in scores.values())
        print(f"{name:14}{published:10.3f}{mine}")
    for label, members in enumerate(four):
        voices = [speaker(item.path) for item in members]
        counts = ", ".join(f"{voices.count(s)} {s}" for s in SPEAKERS if s in voices)
        print(f"cluster {label}: {counts}")
    print("files of cluster 0:", *(os.path.basename(item.path) for item in four[0]))

    os.makedirs(options.out, exist_ok=True)
    figure = pyplot.figure(figsize=(12, 10), layout="constrained")
    panels = figure.subplot_mosaic([["elbow", "silhouette"], ["four", "four"]])
    chosen.plot((panels["elbow"], panels["silhouette"]))
    four.plot(panels["four"]).set_title("k=4")
    picture = os.path.join(options.out, "digits.png")
    figure.savefig(picture)
    print(f"wrote {picture}")
    sound = os.path.join(options.out, "cluster_0.wav")
    made = four.preview(0, sound)
    print(f"wrote {len(made.excerpts)} excerpts to {sound}")
    if options.play:
        print(f"played {four.play(0)}")


if __name__ == "__main__":
    main()
