from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.contract import ConnectorSettings
from connectors.kubernetes.clusters import ClustersConnector
from connectors.kubernetes.opening import open_connector


def opened(**options: Any) -> ClustersConnector:
    made = open_connector(ConnectorSettings(options=options))
    assert isinstance(made, ClustersConnector)
    return made


def test_contexts_of_one_kubeconfig_are_clusters(tmp_path: Path) -> None:
    config = str(tmp_path / "config")
    made = opened(kubeconfig=config, contexts="prod-east, prod-west")
    assert [one.place.name for one in made.members] == ["prod-east", "prod-west"]
    assert [one.connector.client.access.context for one in made.members] == ["prod-east", "prod-west"]
    assert {one.connector.client.access.kubeconfig for one in made.members} == {config}


def test_a_cluster_s_own_options_stand_over_those_beside_them() -> None:
    made = opened(kubeconfig="/all", timeout=3.0, clusters={
        "east": {"context": "arn:east", "aliases": ["eu-central-1"]}, "west": {"server": "https://west", "token": "t"},
    })  # fmt: skip
    east, west = made.members
    assert (east.place.context, east.place.aliases) == ("arn:east", frozenset({"eu-central-1"}))
    assert east.connector.client.access.timeout == west.connector.client.access.timeout == 3.0
    assert (west.place.context, west.connector.client.access.server) == ("west", "https://west")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"clusters": ["east"]}, "a mapping of names"),
        ({"clusters": {"east": "prod"}}, "a mapping of names"),
        ({"clusters": {"east": {"contxt": "prod"}}}, "clusters.east.contxt: there are"),
    ],
)
def test_settings_that_make_no_sense_are_told(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        open_connector(ConnectorSettings(options=options))


def test_a_cluster_without_a_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ValueError, match=r"clusters\.east: needs a kubeconfig"):
        open_connector(ConnectorSettings(options={"contexts": ["east"]}))
