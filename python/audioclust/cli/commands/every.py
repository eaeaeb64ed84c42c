"""All commands in one list."""

from __future__ import annotations

from audioclust.cli.commands.caching import cache
from audioclust.cli.commands.extracting import extract, merge
from audioclust.cli.commands.grouping import choose_k, cluster
from audioclust.cli.commands.likeness import duplicates, similar
from audioclust.cli.commands.listening.playing import play
from audioclust.cli.commands.listening.serving import serve
from audioclust.cli.commands.listing import demo, features, list_presets
from audioclust.cli.commands.mapping import som
from audioclust.cli.commands.organizing import organize
from audioclust.cli.commands.parts import onsets, segment
from audioclust.cli.commands.predicting import predict

COMMANDS = (
    *(cluster, predict, choose_k, extract, similar, duplicates, segment, onsets, play),
    *(merge, organize, som, serve, cache, demo, features, list_presets),
)
"""The commands, in any order: --help sorts them by name."""
