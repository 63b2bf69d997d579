"""Which evidence says of its object what another already said of its own?

Six pods of one dead node fail alike: the first is told, the others only as like it. Two are alike when nothing
but their objects' names and the times differ; figures and counts are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.evidence import Evidence

_TIME = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")


def repeated(items: Iterable[Evidence]) -> Mapping[str, str]:
    """Ids of evidence that is like an earlier one of another object of the same kind, each with the earlier one's."""
    firsts: dict[tuple[str, str, str], Evidence] = {}
    like: dict[str, str] = {}
    for item in items:
        if item.subject is None:
            continue
        first = firsts.setdefault((item.source, item.subject.kind, _shape(item, item.subject.name)), item)
        if first.subject != item.subject:
            like[item.id] = first.id
    return like


def _shape(item: Evidence, name: str) -> str:
    """All that is said, without the object's name and times."""
    said = f"{item.title}\n{item.summary}\n{item.body.model_dump_json() if item.body else ''}"
    return _TIME.sub("", re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", "", said))
