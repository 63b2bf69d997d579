"""The values: what the schema takes and refuses, and that they name settings which exist."""

from __future__ import annotations

import copy
import json
from importlib.metadata import entry_points
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel, SecretStr

import chatops
from chatops.settings import Settings
from tests.helm.chart import CHART, FULL, Document, values

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
OWN = {"host", "port", "state_dir", "link_secret"}
"""Settings that the chart decides, or that are secrets."""


def refused(document: Document) -> list[str]:
    return [error.json_path for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(document)]


def merged(over: Document, base: Document) -> Document:
    """As helm merges: maps key by key, everything else replaced."""
    result = dict(base)
    for key, value in over.items():
        known = base.get(key)
        result[key] = merged(value, known) if isinstance(value, dict) and isinstance(known, dict) else value
    return result


def test_the_schema_is_sound_and_takes_the_defaults_and_everything_on() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert refused(values()) == []
    assert refused(merged(yaml.safe_load(FULL.read_text()), values())) == []


def test_every_value_has_a_row_in_the_schema() -> None:
    """A default that the schema does not know by name would let a typing error pass."""

    def closed(schema: Document, document: Document, path: str) -> None:
        for key, value in document.items():
            known = schema.get("properties", {})
            if isinstance(value, dict) and known.get(key, {}).get("properties"):
                assert known[key].get("additionalProperties") is False or key in ("model",), f"{path}.{key}"
                closed(known[key], value, f"{path}.{key}")

    assert SCHEMA["additionalProperties"] is False
    closed(SCHEMA, values(), "")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("worker.replicas", 0),
        ("worker.replicas", "two"),
        ("gateway.replica", 2),
        ("image.digest", "sha256:short"),
        ("image.pullPolicy", "Sometimes"),
        ("config.log_level", "chatty"),
        ("config.triage_seconds", 0),
        ("config.public_url", "chatops.example.com"),
        ("config.portt", 1),
        ("config.slack.bot_token", "a value"),
        ("config.model.api_key", "a value"),
        ("config.slack.chanel", "C1"),
        ("config.prometheus.adress", "http://p"),
        ("config.redis", {"url": "redis://somewhere"}),
        ("config.prometheus.token", "a value"),
        ("config.link_secret", "a value"),
        ("secrets.existingSecret", "Not A Name"),
        ("secrets.optional.slack__bot_token", "not a key"),
        ("worker.podDisruptionBudget", {}),
        ("worker.podDisruptionBudget", {"minAvailable": 1, "maxUnavailable": 1}),
        ("worker.autoscaling.kind", "vertical"),
        ("worker.terminationGraceExtraSeconds", 0),
        ("networkPolicy.egressPorts", [0]),
        ("valkey.maxmemory", "lots"),
        ("topologySpread.topologyKeys", []),
        ("service.type", "ExternalName"),
        ("anything", 1),
    ],
)
def test_what_is_wrong_is_refused(path: str, value: object) -> None:
    document = copy.deepcopy(values())
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = value
    assert refused(document), f"{path}={value!r} is taken"


def test_the_settings_of_the_config_map_are_the_apps() -> None:
    taken = set(SCHEMA["properties"]["config"]["properties"])
    assert taken == set(Settings.model_fields) - OWN, "config in helm/chatops/values.schema.json"
    groups = {
        name: set(row.annotation.model_fields)
        for name, row in Settings.model_fields.items()
        if isinstance(row.annotation, type) and issubclass(row.annotation, BaseModel)
    }
    groups |= {entry.name: entry.load().reads for entry in entry_points(group="chatops.connectors")}
    for name, known in groups.items():
        schema = SCHEMA["properties"]["config"]["properties"][name]
        assert (set(schema["properties"]), schema["additionalProperties"]) == (known, False), f"config.{name}"
    full = merged(yaml.safe_load(FULL.read_text()), values())
    assert Settings.model_validate(values()["config"]).triage_seconds == 180
    assert Settings.model_validate(full["config"]).public_url == "https://chatops.example.com"


def secret_settings(model: type[BaseModel], prefix: str = "") -> set[str]:
    """Every setting whose value is a secret, as the name of the file it is read from."""
    found: set[str] = set()
    for name, row in model.model_fields.items():
        inner: Any = row.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= secret_settings(inner, f"{prefix}{name}__")
        elif SecretStr in (inner, *getattr(inner, "__args__", ())):
            found.add(prefix + name)
    return found


def test_every_secret_setting_can_be_given_and_no_other() -> None:
    secrets = values()["secrets"]
    given = {*secrets["required"], *secrets["optional"], "redis__url"}
    connectors = {"prometheus__token", "prometheus__password"}
    assert given == secret_settings(Settings) | connectors


def test_the_schema_refuses_every_secret_in_the_config() -> None:
    for setting in secret_settings(Settings):
        document = copy.deepcopy(values())
        *parents, last = setting.split("__")
        place = document["config"]
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = "a value"
        assert refused(document), setting


def test_the_schema_knows_every_setting_that_is_not_the_charts_own() -> None:
    assert set(SCHEMA["properties"]["config"]["properties"]) == set(Settings.model_fields) - OWN


def test_chart_and_app_are_of_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == chatops.__version__
