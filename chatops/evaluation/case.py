"""What is a case? A directory with `case.json` – what was asked, and what was at fault – and, where recorded, a tape.

Without a tape the case is served: `sources` says where its systems can be reached while it runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from chatops.domain.alert import Alert
from chatops.domain.incident import Incident, new_id, worst
from chatops.settings import SettingsError
from connectors.causes import Cause, find
from connectors.contract import Scope, Window
from connectors.evidence import Subject, Value

SCHEMA: Literal["chatops.case/1"] = "chatops.case/1"
FILE = "case.json"
TAPE = "tape.jsonl.gz"
HEALTHY = "healthy"
_ANY_KIND = ("", "app")
_CLUSTER_WIDE = ("Node", "Namespace")


class Label(Value):
    """What was at fault: a cause code, an alias or `healthy`; the object as `KIND/NAME` or `NAME`."""

    cause: str
    object: str = ""

    @field_validator("cause")
    @classmethod
    def _known(cls, cause: str) -> str:
        if cause.lower() != HEALTHY and find(cause) is None:
            raise ValueError(f"no cause has the code or alias {cause!r} (`chatops causes` lists them)")
        return cause

    @property
    def code(self) -> str:
        """The catalogue's code, or `healthy`."""
        known = find(self.cause)
        return known.code if known else HEALTHY

    def names(self, subject: Subject) -> bool:
        """Whether this is the object: by name, and by kind where the label has one that says more than `app`."""
        kind, _, name = self.object.rpartition("/")
        if kind.lower() in _ANY_KIND:
            return not self.object or (subject.name == name and subject.kind not in _CLUSTER_WIDE)
        return subject.name == name and subject.kind.lower() == kind.lower()

    def meets(self, cause: str) -> bool:
        """Whether a code or alias is the cause."""
        known: Cause | None = find(cause)
        return known is not None and known.code == self.code


class CaseFile(Value):
    """The content of `case.json`."""

    schema_: Literal["chatops.case/1"] = Field(default=SCHEMA, alias="schema", serialization_alias="schema")
    title: str = ""
    question: str = ""
    alerts: tuple[Alert, ...] = ()
    scope: Scope = Scope()
    window: Window | None = None
    """Absent in a served case: the hour that ends when it runs."""
    label: Label | None = None
    sources: Mapping[str, Mapping[str, Any]] = {}
    """Connector → its options. Paths that begin with `./` are relative to the case's directory."""
    recorded_with: str = ""
    """The version that recorded it."""


@dataclass(frozen=True)
class Case:
    """A case as it lies on disk."""

    folder: Path
    file: CaseFile

    @property
    def name(self) -> str:
        """The directory's name."""
        return self.folder.resolve().name

    @property
    def tape(self) -> Path | None:
        """The recording, where there is one."""
        path = self.folder / TAPE
        return path if path.is_file() else None

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Connector → its options, with paths that can be opened."""
        return {
            source: {name: self._path(value) for name, value in options.items()}
            for source, options in self.file.sources.items()
        }

    def incident(self, now: datetime) -> Incident:
        """The incident to investigate; `now` counts where the case does not fix its window."""
        file = self.file
        onset = min((one.starts_at for one in file.alerts), default=None)
        window = file.window or Window.ending(now, timedelta(hours=1), onset)
        return Incident(
            id=new_id(window.end),
            title=file.title or file.question or (file.alerts[0].name if file.alerts else self.name),
            origin="cli",
            scope=file.scope,
            window=window,
            severity=worst([one.severity for one in file.alerts]),
            question=file.question,
            alerts=file.alerts,
            created_at=window.end,
        )

    def _path(self, value: Any) -> Any:
        return str(self.folder / value) if isinstance(value, str) and value.startswith("./") else value


def load(folder: Path) -> Case:
    """The case in a directory. SettingsError where it is none."""
    path = folder / FILE
    try:
        return Case(folder, CaseFile.model_validate_json(path.read_bytes()))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        told = f"{where}: {problem['msg']}" if where else problem["msg"]  # broken JSON has no place
        raise SettingsError(f"{path}: {told}") from error


def folders(folder: Path) -> list[Path]:
    """The directories of the cases: the folder itself, or those below it, by name. SettingsError where none is."""
    found = [folder] if (folder / FILE).is_file() else sorted(path.parent for path in folder.rglob(FILE))
    if not found:
        raise SettingsError(f"{folder}: there is no {FILE} in it or below it")
    return found


def write(folder: Path, file: CaseFile) -> Case:
    """Write `case.json`."""
    content = file.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    text = json.dumps({"schema": SCHEMA, **content}, indent=2, ensure_ascii=False)
    (folder / FILE).write_text(text + "\n", "utf-8")
    return Case(folder, file)


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
