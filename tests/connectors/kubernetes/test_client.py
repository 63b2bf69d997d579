from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import ConnectorError
from connectors.kubernetes.client import Access, KubeClient
from connectors.kubernetes.resources import BY_PLURAL
from tests.connectors.kubernetes.kube_server import Api, Handler, connector_for, forbidden, garbage, hang, serving

PODS = BY_PLURAL["pods"]


def pods(count: int, namespace: str = "shop") -> list[dict[str, object]]:
    return [
        {"metadata": {"name": f"p{n}", "namespace": namespace, "labels": {"parity": str(n % 2)}, "managedFields": [1]}}
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def api() -> Api:
    return Api(objects={"pods": pods(25)})


@pytest.fixture
def client(api: Api) -> Iterator[KubeClient]:
    with serving(api) as address:
        yield connector_for(address).client


async def test_pages_are_followed_to_the_end(api: Api, client: KubeClient) -> None:
    found = await client.list(PODS, "shop", page=10)
    assert [one["metadata"]["name"] for one in found.items] == [f"p{n}" for n in range(25)]
    assert not found.truncated
    assert ["continue=" in one for one in api.seen] == [False, True, True]
    assert ["resourceVersion=0" in one for one in api.seen] == [True, False, False]


async def test_pages_without_end_are_cut_and_said_to_be(api: Api, client: KubeClient) -> None:
    found = await client.list(PODS, "shop", page=2, pages=3)
    assert len(found.items) == 6
    assert found.truncated


async def test_a_page_that_has_expired_keeps_what_was_read(api: Api, client: KubeClient) -> None:
    def expire(handler: Handler) -> None:
        if "continue" in handler.path:
            handler.refuse(410, "Expired", "The provided continue parameter is too old")
        else:
            handler.answer({"metadata": {"continue": "x"}, "items": pods(2)})

    api.faults["pods"] = expire
    found = await client.list(PODS, "shop")
    assert (len(found.items), found.truncated) == (2, True)


async def test_selectors_are_the_servers_work(api: Api, client: KubeClient) -> None:
    found = await client.list(PODS, "shop", labels="parity=1", fields="metadata.name!=p1")
    assert len(found.items) == 11


async def test_bulky_fields_are_dropped_and_the_kind_is_set(client: KubeClient) -> None:
    first = (await client.list(PODS, "shop")).items[0]
    assert first["kind"] == "Pod"
    assert "managedFields" not in first["metadata"]


async def test_an_older_version_stands_in(api: Api, client: KubeClient) -> None:
    def only_beta(handler: Handler) -> None:
        if "/v1beta1/" in handler.path:
            handler.answer({"items": [{"metadata": {"name": "nightly"}}]})
        else:
            handler.refuse(404, "NotFound", "the server could not find the requested resource")

    api.faults["cronjobs"] = only_beta
    found = await client.list(BY_PLURAL["cronjobs"], "shop")
    assert found.items[0]["metadata"]["name"] == "nightly"


@pytest.mark.parametrize(
    ("fault", "kind", "detail"),
    [
        (forbidden, "forbidden", "cannot list resource"),
        (garbage, "garbage", "<html>"),
        (lambda handler: handler.answer([1]), "garbage", "list"),
        (lambda handler: handler.answer({"items": "many"}), "garbage", "no list of items"),
        (lambda handler: handler.refuse(500, "InternalError", "etcd is gone"), "unreachable", "etcd is gone"),
        (lambda handler: handler.refuse(401, "Unauthorized", "Unauthorized"), "forbidden", "Unauthorized"),
        (lambda handler: handler.answer(b"slow down", 429, Retry_After="7200"), "throttled", "slow down"),
    ],
)
async def test_refusals_name_the_kind_the_query_and_the_words(
    api: Api, client: KubeClient, fault: object, kind: str, detail: str
) -> None:
    api.faults["pods"] = fault  # type: ignore[assignment]
    with pytest.raises(ConnectorError) as caught:
        await client.list(PODS, "shop")
    assert caught.value.kind == kind
    assert detail in caught.value.detail
    assert caught.value.query.startswith("GET /api/v1/namespaces/shop/pods?limit=")


async def test_a_short_retry_after_is_obeyed_once(api: Api, client: KubeClient) -> None:
    def once(handler: Handler) -> None:
        if len(api.seen) == 1:
            handler.answer(b"{}", 429, Retry_After="0")
        else:
            handler.answer({"items": pods(1)})

    api.faults["pods"] = once
    assert len((await client.list(PODS, "shop")).items) == 1


async def test_a_server_that_hangs_is_a_timeout(api: Api) -> None:
    api.faults["pods"] = hang
    with serving(api) as address:
        client = connector_for(address, timeout=0.2).client
        with pytest.raises(ConnectorError) as caught:
            await client.list(PODS, "shop")
        api.released.set()
    assert caught.value.kind in ("timeout", "unreachable")


async def test_nobody_there() -> None:
    with serving(Api()) as address:
        pass
    with pytest.raises(ConnectorError) as caught:
        await connector_for(address).client.get("/version")
    assert caught.value.kind == "unreachable"
    assert "refused" in caught.value.detail.lower()


async def test_logs_are_text_with_their_options_in_the_query(api: Api, client: KubeClient) -> None:
    api.logs["p1"] = "2026-05-04T12:00:00.000000001Z hello\n"
    assert await client.log("shop", "p1", "main", previous=True, tail=5) == api.logs["p1"]
    assert "previous=true" in api.seen[0]
    assert "tailLines=5" in api.seen[0]


async def test_reviews_say_what_is_allowed(api: Api, client: KubeClient) -> None:
    api.denied.add("pods/log")
    assert await client.allowed("list", PODS)
    assert not await client.allowed("get", PODS, subresource="log")


async def test_the_token_is_sent_and_not_shown(api: Api) -> None:
    token = "-".join(("s3same", "open"))
    with serving(api) as address:
        await connector_for(address, token=token).client.get("/version")
    assert api.tokens == [f"Bearer {token}"]
    assert token not in repr(Access(server="x", token=token))


async def test_a_kubeconfig_that_is_not_there_is_named() -> None:
    with pytest.raises(ConnectorError, match="no such kubeconfig: /nowhere/config"):
        await KubeClient(Access(kubeconfig="/nowhere/config")).list(PODS)


async def test_a_kubeconfig_is_read(api: Api, tmp_path: Path) -> None:
    with serving(api) as address:
        config = tmp_path / "config"
        config.write_text(
            f"apiVersion: v1\nkind: Config\ncurrent-context: here\n"
            f"clusters: [{{name: c, cluster: {{server: '{address}'}}}}]\n"
            "contexts: [{name: here, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n"
        )
        found = await KubeClient(Access(kubeconfig=str(config))).list(PODS)
    assert len(found.items) == 25


def test_access_is_found_in_the_order_settings_environment_pod(tmp_path: Path) -> None:
    assert Access.of({}, {"HOME": str(tmp_path)}) is None
    assert Access.of({}, {"HOME": str(tmp_path), "KUBECONFIG": "/k"}) == Access(kubeconfig="/k")
    assert Access.of({"server": "http://x", "context": ""}, {"KUBECONFIG": "/k"}) == Access(server="http://x")
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text("{}")
    assert Access.of({}, {"HOME": str(tmp_path)}) == Access(kubeconfig=str(tmp_path / ".kube" / "config"))
