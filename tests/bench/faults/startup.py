"""Containers that do not start: images, secrets, config maps, commands."""

from __future__ import annotations

from functools import partial

from chatops.demo.kubernetes.cluster import Object, Run
from chatops.demo.world import World
from tests.bench.faults.scene import Change, Fault, calling, events, released, suffering


def _stuck(now: float, workload: str, reason: str, message: str, rows: tuple[tuple[str, str], ...],
           change: Change | None = None, repository: str = "", version: str = "") -> World:  # fmt: skip
    fields = {key: value for key, value in (("repository", repository), ("version", version)) if value}
    cluster = released(now, workload, [Run(reason, message, ready=False)] * 2, change=change, **fields)
    for kind, text in rows:
        events(cluster, workload, kind, text)
    return suffering(cluster, workload, logs=calling(cluster, workload, "connect: connection refused"))


def _image(now: float, workload: str, image: str, why: str, repository: str = "", version: str = "") -> World:
    told = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {why}'
    rows = (("Failed", f'Failed to pull image "{image}": {told}'), ("Failed", "Error: ErrImagePull"),
            ("BackOff", f'Back-off pulling image "{image}"'))  # fmt: skip
    return _stuck(
        now, workload, "ImagePullBackOff", f'Back-off pulling image "{image}": ErrImagePull: {told}', rows,
        repository=repository, version=version,
    )  # fmt: skip


def _secret(spec: Object) -> None:
    ref = {"secretKeyRef": {"name": "payments-api", "key": "token"}}
    spec["containers"][0]["env"] = [{"name": "API_TOKEN", "valueFrom": ref}]


def _map(spec: Object) -> None:
    spec["containers"][0]["envFrom"] = [{"configMapRef": {"name": "cart-flags"}}]


def _command(spec: Object) -> None:
    spec["containers"][0]["command"] = ["/app/bin/serve"]


_NO_FILE = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
    'unable to start container process: exec: "/app/bin/serve": stat /app/bin/serve: no such file or directory: unknown'
)
FAULTS = (
    Fault("image-tag", "IncorrectImageReference", "app/payments",
          partial(_image, workload="payments", version="1.10.0-rc",
                  image="registry.example.com/shop/payments:1.10.0-rc",
                  why="registry.example.com/shop/payments:1.10.0-rc: not found")),
    Fault("registry-dns", "ImageRegistryUnreachable", "app/catalog",
          partial(_image, workload="catalog", repository="registry.exmaple.com/shop",
                  image="registry.exmaple.com/shop/catalog:2026.11.2",
                  why='failed to do request: Head "https://registry.exmaple.com/v2/shop/catalog/manifests/2026.11.2": '
                      "dial tcp: lookup registry.exmaple.com on 10.0.0.2:53: no such host")),
    Fault("pull-secret", "MissingImagePullSecret", "app/orders",
          partial(_image, workload="orders", repository="private.example.com/shop",
                  image="private.example.com/shop/orders:3.4.0",
                  why="failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
                      "https://private.example.com/token: 401 Unauthorized")),
    Fault("secret", "MissingSecret", "app/payments",
          partial(_stuck, workload="payments", reason="CreateContainerConfigError", message='secret "payments-api" not found',
                  rows=(("Failed", 'Error: secret "payments-api" not found'),), change=_secret)),
    Fault("config-map", "MissingConfigMap", "app/cart",
          partial(_stuck, workload="cart", reason="CreateContainerConfigError", message='configmap "cart-flags" not found',
                  rows=(("Failed", 'Error: configmap "cart-flags" not found'),), change=_map)),
    Fault("command", "InvalidCommand", "app/checkout",
          partial(_stuck, workload="checkout", reason="RunContainerError", message=_NO_FILE,
                  rows=(("Failed", f"Error: {_NO_FILE}"),), change=_command)),
)  # fmt: skip
