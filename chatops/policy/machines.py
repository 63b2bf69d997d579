"""Which names in an investigation are names of machines?

Nodes and hosts, as their systems name them: subjects, columns, labels, and the few phrases in which control
planes name a node. Where a policy asks for it these names are hidden from the model (`Placeholders`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chatops.domain.casefile import CaseFile
from connectors.evidence import Evidence, ResourceState, Series, SeriesSet

_FIELDS = frozenset({"node", "nodename", "host", "hostname", "instance", "kubernetes_node", "exported_instance"})
"""Labels and columns that hold a machine, in lower case; of a path (`spec.nodeName`) the last part."""
_NODES = re.compile(r"kubectl (?:get|describe|top) (?:no|nodes?)(?![\w-])")
_PHRASES = re.compile(
    r"\bnode[/ \"'=:]+([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)|\bassigned \S+ to ([a-z0-9][a-z0-9.-]*[a-z0-9])"
    r"|(?:^|[|;] ?)on ([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?=;|$)"
    r"|(?<![\w.-])(ip(?:-\d{1,3}){4}(?:\.[a-z0-9-]+)*|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.internal)(?![\w-])"
)
_PORT = re.compile(r":\d{1,5}$")
_NOBODY_WORDS = """
    none unknown localhost 127.0.0.1 is was has not ready on in of to for and or with from the a names exporter
    affinity selector pressure pool pools that which this port
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
"""Words that stand where a name could."""


def machines(evidence: Iterable[Evidence]) -> frozenset[str]:
    """Names of nodes and hosts in evidence."""
    return _names(name for item in evidence for name in _of(item))


def machines_of(case: CaseFile) -> frozenset[str]:
    """Names of nodes and hosts in a case file."""
    labels = [label for alert in case.incident.alerts for label in alert.labels.items()]
    named = [value for name, value in labels if _is_field(name)]
    return machines(case.evidence) | _names([case.incident.scope.node, *named])


def _names(found: Iterable[str]) -> frozenset[str]:
    bare = {_PORT.sub("", name.strip()) for name in found}
    return frozenset(name for name in bare if len(name) > 1 and " " not in name and name.lower() not in _NOBODY)


def _is_field(name: str) -> bool:
    return name.lower().rpartition(".")[2] in _FIELDS


def _of(item: Evidence) -> Iterator[str]:
    if item.subject and item.subject.kind == "Node":
        yield item.subject.name
    yield from _phrases(item.summary)
    match item.body:
        case ResourceState() as table:
            yield from _in_table(table, bool(_NODES.match(item.query)))
        case SeriesSet() as several:
            yield from (name for one in several.series for name in _in_labels(one))
        case Series() as one:
            yield from _in_labels(one)
        case _ if item.body is not None:
            yield from _phrases(item.body.model_dump_json())


def _in_labels(one: Series) -> Iterator[str]:
    return (value for name, value in one.labels.items() if _is_field(name))


def _in_table(table: ResourceState, nodes: bool) -> Iterator[str]:
    for row in table.rows:
        for column, cell in zip(table.columns, row, strict=False):
            if _is_field(column) or (nodes and column.lower() == "name"):
                yield cell
            else:
                yield from _phrases(cell)
        if len(row) == 2 and _is_field(row[0]):
            yield row[1]


def _phrases(text: str) -> Iterator[str]:
    for found in _PHRASES.finditer(text):
        yield next(group for group in found.groups() if group)
