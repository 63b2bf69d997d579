"""Kinds: how they are named, where they are served, and that Secrets have no row."""

from __future__ import annotations

import pytest

from connectors.kubernetes.resources import BY_PLURAL, CORE, named


@pytest.mark.parametrize("word", ["po", "pod", "Pods", "pods"])
def test_a_kind_has_the_names_of_the_command_line(word: str) -> None:
    assert named(word) is BY_PLURAL["pods"]


def test_a_group_tells_kinds_of_one_name_apart() -> None:
    mesh, gateway = named("httproutes.policy.linkerd.io"), named("httproutes.gateway.networking.k8s.io")
    assert mesh is not None
    assert gateway is not None
    assert (mesh.group, gateway.group) == ("policy.linkerd.io", "gateway.networking.k8s.io")
    assert named("deployments.apps") is BY_PLURAL["deployments"]
    assert named("unheard-of") is None


@pytest.mark.parametrize(
    ("plural", "namespace", "name", "path"),
    [
        ("pods", "", "", "/api/v1/pods"),
        ("pods", "shop", "a", "/api/v1/namespaces/shop/pods/a"),
        ("deployments", "shop", "", "/apis/apps/v1/namespaces/shop/deployments"),
        ("nodes", "shop", "n1", "/api/v1/nodes/n1"),
    ],
)
def test_the_path_of_a_collection_and_of_an_object(plural: str, namespace: str, name: str, path: str) -> None:
    assert BY_PLURAL[plural].path(namespace, name) == path


def test_an_older_version_is_served_elsewhere() -> None:
    scaler = BY_PLURAL["horizontalpodautoscalers"]
    assert scaler.path("shop", api=scaler.fallback) == "/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers"


def test_secrets_cannot_be_named() -> None:
    assert named("secret") is named("secrets") is named("secrets.v1") is None
    assert BY_PLURAL["configmaps"].metadata_only
    assert all(not row.metadata_only for row in CORE)
