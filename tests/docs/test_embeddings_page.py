"""The code in docs/embeddings.md runs and prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.data import ROOT
from support.onnx_models import N, model

from audioclust.demo import synthesize

PAGE = (ROOT / "docs" / "embeddings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", PAGE, re.DOTALL)


class VoiceEncoder:
    """Stands in for Resemblyzer's, which needs PyTorch, with the calls that the page makes."""

    def __init__(self, device: str, *, verbose: bool) -> None:
        assert (device, verbose) == ("cpu", False)

    def embed_utterance(self, wav: np.ndarray) -> np.ndarray:
        assert wav.dtype == np.float32
        assert wav.ndim == 1
        raw: np.ndarray = np.abs(np.fft.rfft(wav, 510))
        return np.asarray(raw / np.linalg.norm(raw))


@pytest.mark.parametrize(("code", "printed"), BLOCKS)
def test_a_block_of_code_prints_what_the_page_says(
    code: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resemblyzer: Any = types.ModuleType("resemblyzer")
    resemblyzer.VoiceEncoder = VoiceEncoder
    monkeypatch.setitem(sys.modules, "resemblyzer", resemblyzer)
    monkeypatch.chdir(tmp_path)
    synthesize("sounds")
    synthesize("speech")
    model(tmp_path / "model.onnx", [1, N], [-1, 4])
    found: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, found)
    assert out.getvalue() == printed
    assert found["result"].errors == ()


def test_the_page_has_four_blocks_of_code() -> None:
    assert len(BLOCKS) == 4
