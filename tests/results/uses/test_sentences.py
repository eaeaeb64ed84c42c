"""One line for a cluster, from the columns in which it stands out."""

from __future__ import annotations

import pytest

import audioclust as ac
from audioclust.extraction.descriptors.vocabulary import DESCRIPTORS
from audioclust.results.uses.sentences import Finding, sentence
from audioclust.results.words import PLAIN, phrase_for, phrase_for_descriptor

DESCRIBED = {info.name: phrase_for_descriptor(info) for info in DESCRIPTORS}


def said(**columns: tuple[float, float]) -> str:
    """Give the line for columns with their differences and positions."""
    return sentence(
        Finding(DESCRIBED.get(column) or phrase_for(column), difference, position)
        for column, (difference, position) in columns.items()
    )


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({}, "nothing sets it apart"),
        (
            {"duration": (-1.5, 0.1), "brightness": (1.2, 0.9), "rms_part_1": (2.5, 0.7)},
            "short, bright; much louder at the beginning than the rest",
        ),
        ({"rms": (1.0, 0.74)}, "louder than the rest"),
        ({"rms": (1.0, 0.75)}, "loud"),
        ({"rms": (-1.0, 0.25)}, "quiet"),
        ({"rms": (1.9, 0.9), "duration": (2.5, 0.9)}, "loud; much longer than the rest"),
        ({"mfcc_2": (1.0, 0.9)}, "dark"),
        ({"chroma_mean": (2.5, 0.9)}, "many more pitches than the rest"),
        ({"onset_rate": (-2.5, 0.1)}, "far fewer onsets than the rest"),
        ({"attack_time": (-1.5, 0.1)}, "sharp attack"),
        ({"rms": (1.0, 0.9), "mfcc_2_std": (-1.0, 0.1)}, "loud; brightness varies less"),
        ({"rms": (1.0, 0.9), "mfcc_7_std": (-1.0, 0.1)}, "loud"),
        ({"mfcc_7_std": (-1.0, 0.1)}, "timbre varies less"),
        ({"mfcc_7_mean": (2.5, 0.9)}, "of another timbre than the rest"),
        ({"mfcc_7_mean": (2.5, 0.9), "rms": (1.0, 0.9)}, "loud"),
        (
            {"clap_17": (2.5, 0.9), "clap_3": (-2.6, 0.1), "clap_5": (1.0, 0.9)},
            "in columns without words: lower clap_3, higher clap_17",
        ),
    ],
)  # fmt: skip
def test_a_line_says_what_sets_a_cluster_apart(
    columns: dict[str, tuple[float, float]], line: str
) -> None:
    assert said(**columns) == line


def test_parts_that_agree_are_the_whole() -> None:
    three = {f"rms_part_{i}": (1.0 + i / 10, 0.9) for i in (1, 2, 4)}
    assert said(**three) == "loud"
    assert said(rms_part_4=(1.4, 0.9), rms_part_1=(1.1, 0.9)) == "loud at the end"


def test_what_columns_disagree_about_is_not_said() -> None:
    assert said(spectral_centroid=(1.5, 0.9), mfcc_2=(1.0, 0.9)) == "nothing sets it apart"
    assert said(spectral_centroid=(1.5, 0.9), mfcc_2=(0.7, 0.9)) == "bright"


def test_single_parts_are_not_called_noisy() -> None:
    assert said(spectral_flatness_part_4=(3.0, 0.9)) == "nothing sets it apart"
    assert said(spectral_contrast_2_part_1=(3.0, 0.9)) == "nothing sets it apart"
    whole = {f"spectral_flatness_part_{i}": (1.0, 0.9) for i in (1, 2, 3)}
    assert said(**whole) == "noisy"


def test_at_most_three_topics_are_said_and_what_everybody_knows_first() -> None:
    columns = {
        "spectral_contrast_3_mean": (3.0, 0.9), "chroma_mean": (2.9, 0.9),
        "mel_level": (2.8, 0.9), "rms": (1.0, 0.9), "spectral_centroid": (1.1, 0.9),
    }  # fmt: skip
    assert said(**columns) == "bright, loud; much clearer tones than the rest"


def test_each_word_of_a_value_has_a_plain_one() -> None:
    phrases = [phrase_for(column) for column in ac.features.Extractor(sr=22050).columns]
    phrases += [phrase_for_descriptor(info) for info in DESCRIPTORS if info.more]
    values = [phrase for phrase in phrases if phrase.kind == "value"]
    assert values
    for phrase in values:
        assert phrase.more.removesuffix(phrase.place) in PLAIN
        assert phrase.less.removesuffix(phrase.place) in PLAIN
