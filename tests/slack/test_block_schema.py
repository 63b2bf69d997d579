"""Every golden message against the JSON Schema of Slack's own types (`@slack/types`), made anew from them.

It knows which keys and values a block may have and nothing of lengths; those are `payloads.problems`.
`data_visualization` is newer than the types.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chatops.slack import modals
from chatops.slack.authz import Role
from chatops.slack.desk import Where
from chatops.slack.home import home_view
from connectors.contract import Health
from tests.conftest import NOW
from tests.render import cases
from tests.slack.local_slack import modules

pytestmark = pytest.mark.emulator

GOLDEN = sorted((Path(__file__).parents[1] / "render" / "golden").glob("*.json"))
NEWER = frozenset({"data_visualization"})
ROOTS = """
import type { KnownBlock, HomeView, ModalView } from "@slack/types";
export interface Roots { blocks: KnownBlock[]; home: HomeView; modal: ModalView; }
"""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The schema of blocks, home tabs and modals."""
    places = [m for m in modules() if (m / "@slack" / "types").is_dir() and (m / "ts-json-schema-generator").is_dir()]
    node = shutil.which("node")
    if not places or node is None:
        pytest.skip("@slack/types: npm install @slack/types ts-json-schema-generator typescript")
    directory = tmp_path_factory.mktemp("types")
    (directory / "node_modules").symlink_to(places[0].resolve())
    (directory / "roots.ts").write_text(ROOTS)
    generator = places[0] / "ts-json-schema-generator" / "bin" / "ts-json-schema-generator.js"
    command = [node, str(generator), "--path", "roots.ts", "--type", "Roots", "--no-type-check"]
    made = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stderr
    told: dict[str, Any] = json.loads(made.stdout)
    return told


def errors(schema: dict[str, Any], root: str, value: Any) -> list[str]:
    properties = schema["definitions"]["Roots"]["properties"][root]
    whole = {"definitions": schema["definitions"], **properties}
    return [error.message[:300] for error in jsonschema.Draft7Validator(whole).iter_errors(value)]


def test_the_schema_refuses_what_is_wrong(schema: dict[str, Any]) -> None:
    bad = [{"type": "section", "text": "plain"}, {"type": "nonsense"}, {"type": "divider", "colour": "red"}]
    assert len(errors(schema, "blocks", bad)) == 3


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_messages(schema: dict[str, Any], path: Path) -> None:
    blocks = [block for block in json.loads(path.read_text())["blocks"] if block["type"] not in NEWER]
    assert errors(schema, "blocks", blocks) == []


def test_forms_and_the_home_tab(schema: dict[str, Any]) -> None:
    where = Where(team="T1", channel="C1", user="U1")
    for view in (modals.start_view("C1"), modals.start_view(""), modals.resolve_view(where, cases.incident())):
        assert errors(schema, "modal", view) == []
    bad = Health(name="prometheus", ok=False, detail="refused", remedy="set its URL")
    for health in ((), (bad,)):
        home = home_view([cases.incident()], health, command="/triage", role=Role.VIEWER, now=NOW, pages={})
        assert errors(schema, "home", home) == []
