"""The table of formats: how files of each are named, and what tells one from another.

Which format a file has is told by its first bytes alone, after tags, which are skipped unread.
A decoder then sees only files that begin as those of its own formats do. Decoders that search a
file for something that they know find it in strange places: WavPack and Monkey's Audio keep the
header of the WAV file that they were made from.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from audioclust._core import sniff

UNKNOWN = "other"
"""The format of files whose first bytes say nothing."""


@dataclass(frozen=True)
class Format:
    """A format of sound files.

    Attributes
    ----------
    name : str
        Its name, as the function that looks at the first bytes gives it.
    suffixes : tuple of str
        The suffixes that its files usually have, in lower case with their dots. Folders are
        searched for them.
    others : tuple of str
        More suffixes, which folders are not searched for, since such files are mostly videos.
    codecs : str
        What in it is decoded without an extra, where that is not all there may be.
    density : int
        About how many times as much sound as in 16-bit WAV there is in a byte.
    """

    name: str
    suffixes: tuple[str, ...]
    others: tuple[str, ...] = ()
    codecs: str = ""
    density: int = 1


FORMATS: tuple[Format, ...] = (
    Format("WAV", (".wav", ".wave")),
    Format("AIFF", (".aif", ".aiff", ".aifc")),
    Format("CAF", (".caf",)),
    Format("AU", (".au", ".snd")),
    Format("RF64", (".rf64", ".bw64")),
    Format("Wave64", (".w64",)),
    Format("FLAC", (".flac",), density=2),
    Format("Ogg FLAC", (".oga",), density=2),
    Format("Ogg Vorbis", (".ogg",), density=8),
    Format("Ogg Opus", (".opus",), density=8),
    Format("MP3", (".mp3", ".mp2", ".mp1"), density=8),
    Format(
        "MP4",
        (".m4a", ".m4b", ".mp4", ".alac"),
        (".m4v", ".mov", ".3gp", ".3g2"),
        "AAC-LC, ALAC, FLAC, Opus, PCM",
        8,
    ),
    Format(
        "Matroska",
        (".mka", ".webm", ".weba"),
        (".mkv",),
        "Opus, Vorbis, AAC-LC, FLAC, PCM",
        8,
    ),
    Format("ADTS", (".aac",), codecs="AAC-LC", density=8),
    Format("Ogg", (".spx",), (".ogv", ".ogx"), density=8),
    Format("WavPack", (".wv",), density=2),
    Format("Monkey's Audio", (".ape",), density=2),
    Format("Windows Media", (".wma",), (".wmv", ".asf"), density=8),
    Format("Musepack", (".mpc",), density=8),
    Format("True Audio", (".tta",), density=2),
    Format("TAK", (".tak",), density=2),
    Format("OptimFROG", (".ofr",), density=2),
    # What these begin with is not looked at: they are tried as others are.
    Format("AMR", (".amr",), density=16),
    Format("DSD", (".dsf", ".dff")),
    Format("AC-3", (".ac3",), density=8),
    Format(UNKNOWN, (), (".avi",)),
)
"""The formats whose first bytes are known, and the rest."""

DENSITIES: dict[str, int] = {
    suffix: one.density for one in FORMATS for suffix in one.suffixes + one.others
}
"""How much sound there is in a byte of a file, by its suffix."""


def sniffed(path: str) -> tuple[str, int]:
    """Look at the first bytes of a file.

    Returns
    -------
    name : str
        The name of its format.
    tags_end : int
        The first byte after the tags that it begins with, and after their padding.

    Raises
    ------
    DecodeError
        If it cannot be read, is not a regular file, or is empty. A device might never end, and
        opening a pipe waits until something is written to it.
    """
    name, tags_end = sniff(os.fsencode(path))
    return name or UNKNOWN, tags_end
