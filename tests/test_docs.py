"""What the documentation tells people to type exists: commands parse, files fit their schemas, links lead somewhere."""

from __future__ import annotations

import copy
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from typer.main import get_command

from chatops.cli.main import app
from chatops.domain.diagnosis import Usage
from chatops.persona.model.models import PRICES, cost
from chatops.settings import ModelSettings, RedisSettings, Settings
from chatops.slack.inbox import LEASE
from chatops.slack.install import KEPT
from chatops.store.inbox_book import SEEN_FOR
from chatops.webhooks.sources import SOURCES
from tests import docs_configuration
from tests.helm.chart import CHART, values

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
_ENDS = {"|", ">", "<", "&", "&&", "||", ";", "2>"}


class Said(NamedTuple):
    """A command, and the page it is on."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def fences(page: Path) -> Iterator[tuple[str, str]]:
    """Language and text of each fenced block."""
    yield from _FENCE.findall(page.read_text("utf-8"))


def lines(page: Path) -> Iterator[str]:
    """Everything that is written as code: lines of blocks for a shell, and words in backticks."""
    text = page.read_text("utf-8")
    for language, block in fences(page):
        if language in ("", "sh", "bash", "console"):
            yield from block.replace("\\\n", " ").splitlines()
    yield from (re.sub(r"\s+", " ", one) for one in re.findall(r"`([^`]+)`", _FENCE.sub("", text)))


def words(line: str) -> list[str]:
    """A line as a shell would take it apart; nothing for what is no shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    try:
        return list(lexer)
    except ValueError:
        return []


def commands(page: Path, program: str) -> Iterator[Said]:
    """Every use of a program on a page, without what stands before it and behind a pipe."""
    for line in lines(page):
        taken = words(line)
        places = [n for n, one in enumerate(taken) if one == program or one.endswith(f"/bin/{program}")]
        for place in places:
            before = taken[place - 1] if place else ""
            if place and before not in _ENDS | {"--", "exec"} and "=" not in before:
                continue
            rest = taken[place + 1 :]
            end = next((n for n, one in enumerate(rest) if one in _ENDS), len(rest))
            yield Said(str(page.relative_to(ROOT)), tuple(rest[:end]))


CHATOPS = sorted({said for page in PAGES for said in commands(page, "chatops")})
CLI: Any = get_command(app)


def parse(arguments: tuple[str, ...]) -> None:
    """Take a command line apart as the program does, without running it; raises where it would refuse."""
    context = CLI.make_context("chatops", list(arguments), resilient_parsing=False)
    command = CLI
    while hasattr(command, "commands"):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def test_the_documentation_has_commands_to_look_at() -> None:
    assert len(CHATOPS) > 25
    assert {"README.md", "docs/quickstart.md", "docs/operations.md"} <= {said.page for said in CHATOPS}


@pytest.mark.parametrize("said", CHATOPS, ids=str)
def test_every_command_is_one_the_program_takes(said: Said) -> None:
    taken = tuple(one for one in said.words if one not in ("--help", "--version"))  # these two leave at once
    if taken:
        parse(taken)


@pytest.mark.parametrize(
    "wrong", ["investigate --namespaces shop", "trace", "serve --role", "runbooks find x", "doctor x"]
)
def test_what_the_program_does_not_take_is_found(wrong: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|requires|unexpected|got"):
        parse(tuple(wrong.split()))


def test_targets_of_make_exist() -> None:
    known = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    asked = {(said.page, word) for page in PAGES for said in commands(page, "make") for word in said.words[:1]}
    assert asked
    for page, target in asked:
        assert target in known or "=" in target or target.startswith("-"), f"{page}: make {target}"


def test_values_given_to_helm_exist() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    asked = [
        (said, setting.partition("=")[0])
        for page in PAGES
        for said in commands(page, "helm")
        for flag, setting in zip(said.words, said.words[1:], strict=False)
        if flag == "--set"
    ]
    assert asked
    for said, path in asked:
        place = schema
        for key in path.split("."):
            if "properties" not in place:
                break
            assert key in place["properties"], f"{said}: {path}"
            place = place["properties"][key]


def test_keys_of_the_secret_are_those_the_chart_reads() -> None:
    known, valkey = values()["secrets"], values()["valkey"]["passwordKey"]
    read = {*known["required"].values(), *known["optional"].values(), known["redisUrlKey"], valkey}
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    table = operations.split("| key | |")[1].split("\n\n")[0]
    told = {key for row in table.splitlines()[2:] for key in re.findall(r"`([a-z-]+)`", row.split("|")[1])}
    assert told == read
    made = re.findall(r"--from-literal=([\w-]+)=", (ROOT / "docs" / "quickstart.md").read_text("utf-8"))
    assert set(made) <= read
    assert {*known["required"].values(), valkey} <= set(made)


def test_every_alert_has_its_first_look() -> None:
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    groups = yaml.safe_load((CHART / "rules" / "chatops.yaml").read_text())["groups"]
    told = {name for row in re.findall(r"^\| (Chatops[^|]*) \|", operations, re.M) for name in row.split(", ")}
    assert told == {rule["alert"] for group in groups for rule in group["rules"]}
    dashboard = json.loads((CHART / "dashboards" / "chatops.json").read_text())
    titles = {panel["title"].split(" (")[0] for panel in dashboard["panels"]}
    assert set(re.findall(r"\*([A-Z][\w ]+)\*", operations.split("| alert |")[1].split("\n\n")[0])) <= titles


def test_files_that_are_shown_are_taken() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    seen = set()
    for page in PAGES:
        for language, text in fences(page):
            if language == "yaml" and text.startswith("# values.yaml"):
                jsonschema.Draft7Validator(schema).validate(yaml.safe_load(text))
                _over(copy.deepcopy(values()), yaml.safe_load(text))
                Settings.model_validate(yaml.safe_load(text).get("config", {}))
                seen.add("values")
            elif language == "yaml" and not text.startswith("receivers:"):  # Alertmanager's: amtool reads it
                Settings.model_validate(yaml.safe_load(text))
                seen.add(page.name)
    assert seen >= {"values", "configuration.md", "alerts.md", "slack.md", "sources.md", "runbooks.md"}


def _over(base: dict[str, Any], given: dict[str, Any]) -> None:
    """Fail for a value that the chart's defaults do not have."""
    for key, value in given.items():
        assert key in base or not base, key
        if isinstance(value, dict) and base.get(key) and key not in ("config", "annotations", "labels"):
            _over(base[key], value)


def test_paths_of_webhooks_are_served() -> None:
    for page in PAGES:
        for name in re.findall(r"(?<!chatops)/webhooks/([a-z]+)", page.read_text("utf-8")):
            assert name in SOURCES, f"{page.name}: /webhooks/{name}"


_NO_SETTINGS = ("CONFIG", "SECRETS_DIR", "ALL_PARTS", "PARTS", "BENCH_EVERY")


def test_settings_that_are_named_exist() -> None:
    for page in PAGES:
        for name in re.findall(r"\bCHATOPS_([A-Z]+(?:_[A-Z]+)*(?:__[A-Z_]+[A-Z])?)\b", page.read_text("utf-8")):
            place: Any = Settings
            for part in name.lower().split("__"):
                if name in _NO_SETTINGS or not hasattr(place, "model_fields"):
                    break
                assert part in place.model_fields, f"{page.name}: CHATOPS_{name}"
                place = place.model_fields[part].annotation


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not target.startswith("mailto:"):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} → {target}"


def test_the_page_of_settings_is_current() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert written == docs_configuration.page(), "python -m tests.docs_configuration > docs/configuration.md"


def test_every_setting_says_what_it_means_once() -> None:
    said = docs_configuration.docstrings()
    fields = {
        prefix + name: (model.__name__, name)
        for _, prefix, model in docs_configuration.SECTIONS
        for name in model.model_fields
    }
    assert set(docs_configuration.MEANINGS) <= set(fields)
    twice = [name for name in docs_configuration.MEANINGS if fields[name] in said]
    assert twice == [], "it has a docstring: leave it out of MEANINGS"
    rows = [row for _, prefix, model in docs_configuration.SECTIONS for row in docs_configuration.rows(prefix, model)]
    silent = [row.name for row in rows if not row.meaning and row.name not in docs_configuration.MEANINGS]
    assert silent == [], "give it a docstring in chatops/settings.py"


def test_the_prices_are_those_the_budget_counts_with() -> None:
    text = (ROOT / "docs" / "cost.md").read_text("utf-8")
    used = Usage(cache_creation_input_tokens=20_000, cache_read_input_tokens=60_000, output_tokens=4_000)
    for family, price in PRICES:
        assert f"| {family} | {price.input:g} | {price.output:g} |" in text
        assert f"| {family} | {cost(family, used):.2f} |" in text
    for name, default in re.findall(r"^\| `model\.(\w+)` \| (\d+) \|", text, re.M):
        assert ModelSettings.model_fields[name].default == float(default), name


def block(page: str, holding: str) -> str:
    """The shell block of a page that holds this text."""
    [found] = [text for language, text in fences(ROOT / "docs" / page) if language == "sh" and holding in text]
    return found


def test_the_alert_of_the_quickstart_is_taken_by_a_running_app(tmp_path: Path) -> None:
    """The page's own lines, in a shell, against `chatops serve` as the page starts it."""
    missing = [name for name in ("bash", "curl", "openssl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} (PATH)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    script = "\n".join(
        (
            "set -e",
            'export CHATOPS_WEBHOOKS__TOKEN="$(openssl rand -hex 16)"',
            "chatops serve > serve.log 2>&1 & served=$!",
            "trap 'kill $served; wait $served' EXIT",
            block("quickstart.md", "chatops alerts test"),
            f"curl -fsS --retry 60 --retry-connrefused --retry-delay 1 http://127.0.0.1:{port}/healthz",
            block("quickstart.md", "curl -fsS").replace(":8080/", f":{port}/"),
        )
    )
    (tmp_path / "state").mkdir()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "CHATOPS_STATE_DIR": str(tmp_path / "state"),
        "CHATOPS_PORT": port,
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    log = (tmp_path / "serve.log").read_text()
    assert done.returncode == 0, done.stderr + log
    assert '"namespace": "shop"' in done.stdout
    assert '{"accepted":1,"incidents":["inc-' in done.stdout
    assert "chatops: ended" in log


def test_what_is_kept_is_kept_as_long_as_the_page_says() -> None:
    page = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    rows = {
        cells[1].strip(): cells[3].strip() for cells in (row.split("|") for row in page.splitlines()) if len(cells) == 5
    }
    assert (
        f"`redis.ttl_days` ({RedisSettings().ttl_days:g})"
        in rows["incident, diagnosis, evidence, findings, timeline, turns, messages' timestamps"]
    )
    assert timedelta(hours=int(rows["that it was seen"].split()[0])) == SEEN_FOR
    assert timedelta(days=int(rows["tokens of other workspaces, encrypted"].split()[0])) == KEPT
    assert timedelta(seconds=6) == LEASE
    assert "overdue after six seconds" in page
