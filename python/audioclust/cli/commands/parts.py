"""The commands about parts of recordings: `segment` and `onsets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.exports import asked_exports, check_outputs, uses_stdout, write_exports
from audioclust.cli.inputs.clusters import check_cluster, on_cluster
from audioclust.cli.options.table import takes
from audioclust.cli.output import (
    print_choice,
    print_errors,
    print_hits,
    print_partial,
    print_spans,
    shown,
)
from audioclust.cli.reports import REPORT, check_report, write_report
from audioclust.cli.stderr import noise_contained
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.report.content import Audio


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@takes("k_of_labels", "k_range_of_labels", "features_of_parts", features_of_parts="article")
@takes("window", "hop", "min_duration", "silence", "random_state", "n_jobs", "scheduler")
@takes("to_spans", "csv", "json", *REPORT, "quiet")
def segment(
    files: tuple[str, ...],
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    report: str | None,
    report_audio: Audio | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Part FILE... into spans that sound alike.

    They may be those of speakers, or of speech and music. Several files share their labels.
    Times are printed as minutes and seconds.
    """
    from audioclust.segmentation import segmenting

    check_cluster("n_jobs")
    exports = asked_exports(to, csv, json)
    sounds_at = check_report(report, report_audio)
    check_outputs([report, *(export.path for export in exports)], sources=files)
    with noise_contained(), on_cluster(settings):
        result = segmenting.segment(files, progress=shown(quiet), **settings)
    if not (quiet or uses_stdout(exports)):
        print_spans(result)
        print_choice(result.selection)
    print_errors(result.errors, len(result.recordings), more_in="--json FILE")
    print_partial(result.recordings, more_in="--json FILE")
    write_exports(result, exports)
    write_report(result, result.spans, report, sounds_at, kind="segmentation", quiet=quiet)


@click.command()
@click.argument("file", metavar="FILE")
@takes("k", "k_range", k_range="2:15")
@takes("features_of_parts", "window", features_of_parts="zero_crossings,l2_norm", window=0.09)
@takes("until_next", "scaling_of_hits", "delta", "wait", "backtrack")
@takes(
    *("algorithm_of_hits", "random_state", "sonify", "hits", "to_spans", "csv", "json"),
    *(*REPORT, "quiet"),
)
def onsets(
    file: str,
    sonify: str | None,
    hits: str | None,
    to: tuple[tuple[str, str], ...],
    csv: str | None,
    json: str | None,
    report: str | None,
    report_audio: Audio | None,
    quiet: bool,
    **settings: Any,
) -> None:
    """Find the onsets in FILE and sort the hits into clusters.

    A hit is the window that starts at an onset. Beside the features that 'audioclust features'
    lists there are two of the hit as a whole: zero_crossings, how often the signal crosses
    zero, and l2_norm, the root of the sum of its squared samples.
    """
    from audioclust.events import detection
    from audioclust.events.hit_sounds import check_hits_folder

    exports = asked_exports(to, csv, json)
    sounds_at = check_report(report, report_audio)
    outputs = [sonify, report, *(export.path for export in exports)]
    check_outputs(outputs, sources=[file])
    if hits is not None:
        check_hits_folder(hits, outputs=filter(None, outputs))
    with noise_contained():
        result = detection.onsets(file, progress=shown(quiet), **settings)
        if hits is not None:
            result.write_hits(None, hits)
        made = None if sonify is None else result.sonify(path=sonify)
    if not (quiet or uses_stdout(exports)):
        print_hits(result)
        print_choice(result.selection)
        if sonify is not None and made is not None and made.gain < 1:
            name = on_one_line(sonify)
            click.echo(f"{name} is scaled by {made.gain:.3f} so that nothing clips.")
    print_partial(result.items, more_in="--json FILE")
    write_exports(result, exports)
    write_report(result, result.items, report, sounds_at, kind="onsets", quiet=quiet)
