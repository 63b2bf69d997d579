"""What kubectl prints: the examples of its own documentation, and those of our runbooks."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from connectors.kubernetes.printing import HIDDEN, NoPath, can, ordered, printed

RUNBOOKS = Path(__file__).parents[3] / "runbooks"
POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"name": "cart-1", "labels": {"app.kubernetes.io/name": "cart"}, "annotations": {}},
    "spec": {"containers": [
        {"name": "main", "image": "r/cart:1", "env": [{"name": "DB_PASSWORD", "value": "hunter2"},
                                                      {"name": "A", "valueFrom": {"secretKeyRef": {"key": "k"}}}]},
        {"name": "side", "image": "r/side:2"},
    ]},
    "status": {"conditions": [{"type": "Ready", "status": "False", "message": "no"},
                              {"type": "Initialized", "status": "True"}],
               "containerStatuses": [{"restartCount": 3, "ready": True}]},
}  # fmt: skip
NODE = {"kind": "Node", "metadata": {"name": "n1"}, "status": {"capacity": {"cpu": "4"}, "n": 2}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("{.metadata.name}", "cart-1"),
        ("{.spec.containers[*].image}", "r/cart:1 r/side:2"),
        ("{.spec.containers[0].name}", "main"),
        ("{.spec.containers[-1].name}", "side"),
        ("{.spec.containers[0:1].name}", "main"),
        ("{.spec.containers[9].name}", ""),
        ("{.spec.containers[?(@.name=='side')].image}", "r/side:2"),
        ('{.status.conditions[?(@.type=="Ready")].status}', "False"),
        ("{.status.containerStatuses[?(@.restartCount>2)].ready}", "true"),
        ("{.spec.containers[?(@.env)].name}", "main"),
        ("{.metadata.labels.app\\.kubernetes\\.io/name}", "cart"),
        ("{.metadata.labels['app\\.kubernetes\\.io/name']}", "cart"),
        ("{.metadata['name','namespace']}", "cart-1"),
        ("{..image}", "r/cart:1 r/side:2"),
        ("{range .status.conditions[*]}{.type}{'='}{.status}{'\\n'}{end}", "Ready=False\nInitialized=True\n"),
        ('{.metadata.name}{"\\t"}{.spec.nothing}{" at "}{.kind}', "cart-1\t at Pod"),
        ("name: {.metadata.name}", "name: cart-1"),
        ("{.metadata.labels}", '{"app.kubernetes.io/name":"cart"}'),
        ("{range .spec.containers[*]}{.name}{range .env[*]}{.name}{end}{end}", "mainDB_PASSWORDAside"),
        ('{"}"}', "}"),
    ],
)
def test_paths_of_one_object(path: str, text: str) -> None:
    assert printed(f"jsonpath={path}", [POD], one=True) == text


def test_a_list_has_items() -> None:
    assert printed("jsonpath={.items[*].metadata.name}", [POD, NODE], one=False) == "cart-1 n1"
    assert printed("name", [POD, NODE], one=False) == "pod/cart-1\nnode/n1"


def test_columns() -> None:
    columns = "custom-columns=NAME:.metadata.name,IMAGES:.spec.containers[*].image"
    assert printed(columns, [POD, NODE], one=False) == ("NAME     IMAGES\ncart-1   r/cart:1,r/side:2\nn1       <none>")


@pytest.mark.parametrize("path", ["{.spec.containers[*].env[*].value}", "{.spec}", "{..value}", "{..env}"])
def test_values_of_variables_are_hidden(path: str) -> None:
    text = printed(f"jsonpath={path}", [POD], one=True)
    assert "hunter2" not in text
    assert HIDDEN in text


def test_what_was_applied_last_is_no_way_around() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}
    pod = {**POD, "metadata": {"name": "x", "annotations": applied}}
    assert "hunter2" not in printed("jsonpath={.metadata}", [pod], one=True)


def test_order() -> None:
    first, second = {"a": {"b": 10}}, {"a": {"b": 9}}
    assert ordered([first, second, {}], ".a.b") == [{}, second, first]
    assert ordered([{"t": "2026-02"}, {"t": "2026-01"}], "{.t}")[0] == {"t": "2026-01"}


@pytest.mark.parametrize(
    "output",
    ["jsonpath={.a", "jsonpath={range .a}", "jsonpath={end}", "jsonpath={.a[b]}", "jsonpath={.a[?(b)]}",
     "custom-columns=NAME", "jsonpath={.a b}", "jsonpath=" + "{.a}" * 600],
)  # fmt: skip
def test_what_does_not_parse_is_told(output: str) -> None:
    assert not can(output)
    with pytest.raises(NoPath):
        printed(output, [POD], one=True)


def test_every_expression_of_our_runbooks_is_known() -> None:
    lines = [line for page in RUNBOOKS.rglob("*.md") for line in page.read_text("utf-8").splitlines()]
    words = [word for line in lines if line.startswith("kubectl get ") for word in shlex.split(line)]
    outputs = [
        found[2] for word in words if (found := re.fullmatch(r"(-o|--output=)?((jsonpath|custom-columns)=.*)", word))
    ]
    assert len(outputs) > 80
    assert [one for one in outputs if not can(one)] == []


@pytest.mark.parametrize(
    "output",
    [
        "jsonpath={.items[::0]}",
        r'jsonpath={"\xzz"}',
        r"jsonpath=\xzz{.kind}",
        "jsonpath={.a[?(@.b==" + "[" * 1900 + ")]}",
    ],
)
def test_what_means_nothing_is_no_expression(output: str) -> None:
    assert not can(output)
    with pytest.raises(NoPath):
        printed(output, [POD, NODE], one=False)


def test_letters_stay_what_they_are() -> None:
    assert printed(r'jsonpath=Größe\t{"\u20ac für"} {.kind} 名', [POD], one=True) == "Größe\t€ für Pod 名"


def test_ranges_within_ranges_take_their_own_ends() -> None:
    nested = "jsonpath=" + "{range}" * 100 + "{.kind}" + "{end}" * 100
    assert printed(nested, [POD], one=True) == "Pod"
    assert printed(
        "jsonpath={range .items[*]}{range .spec.containers[*]}{.name} {end}|{end}", [POD, NODE], one=False
    ) == ("main side ||")
    assert not can("jsonpath={range .items[*]}{range .x}{end}")


def test_a_path_does_not_lead_to_any_number_of_values() -> None:
    many = ",".join("0" for _ in range(400))
    with pytest.raises(NoPath, match="100000 values"):
        printed(f"jsonpath={{.items[{many}].spec.containers[{many}].name}}", [POD], one=False)
