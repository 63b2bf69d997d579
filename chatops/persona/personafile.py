"""Who reasons? A persona is a Markdown file with front matter, ours or a user's own.

The format is the one of sub-agent files: `name`, `description`, `tools` (a list or a comma-separated
line) and `model` (opus, sonnet, haiku or a full id), then the text. `tools` is `all`, or names connectors
(`kubernetes`) or single tools of theirs; names of an editor's tools (Read, Bash, WebFetch …)
have no meaning here and are ignored, because a persona only ever gets the connectors' read-only
queries. Where no name means anything here, it gets all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError, field_validator

from chatops.domain.ports import ToolSpec
from chatops.persona.errors import PersonaError
from connectors.evidence import Value

BUILT_IN = Path(__file__).parent / "personas"
DEFAULT = "senior-infrastructure-engineer"
_FENCE = "---"


class PersonaFile(Value):
    """A persona as its file says it."""

    name: str
    description: str = ""
    tools: tuple[str, ...] = ()
    model: str = ""
    """An alias or a full id; empty leaves the choice to the settings."""
    text: str

    @field_validator("tools", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            value = value.split(",")
        return tuple(str(name).strip() for name in value if str(name).strip()) if isinstance(value, Iterable) else ()

    def means(self, tool: ToolSpec) -> bool:
        """Whether the file names this tool: by its name, by its connector, or all of them."""
        return any(entry in {"all", "*", tool.name, tool.source} for entry in self.tools)


def parse(source: str, origin: str = "persona") -> PersonaFile:
    """Read a persona from its file's text; `PersonaError` says what is wrong with it and where."""
    lines = source.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != _FENCE or _FENCE not in [line.strip() for line in lines[1:]]:
        raise PersonaError("persona", f"{origin}: no front matter between two lines of ---")
    end = [line.strip() for line in lines].index(_FENCE, 1)
    text = "\n".join(lines[end + 1 :]).strip()
    if not text:
        raise PersonaError("persona", f"{origin}: no text after the front matter")
    try:
        return PersonaFile.model_validate({**_known(_front("\n".join(lines[1:end]), origin)), "text": text})
    except ValidationError as error:
        field, problem = error.errors()[0]["loc"][0], error.errors()[0]["msg"]
        raise PersonaError("persona", f"{origin}: `{field}:` of the front matter: {problem}") from error


def _front(source: str, origin: str) -> Mapping[str, object]:
    """YAML; or plain `key: value` lines, because descriptions in such files often hold a bare colon."""
    try:
        loaded = yaml.safe_load(source)
    except yaml.YAMLError:
        pairs = [line.partition(":") for line in source.splitlines() if ":" in line]
        loaded = {key.strip(): value.strip() for key, _, value in pairs}
    if not isinstance(loaded, dict):
        raise PersonaError("persona", f"{origin}: the front matter is not a list of `key: value`")
    return loaded


def _known(front: Mapping[str, object]) -> dict[str, object]:
    """The four fields; other editors' fields (color, permissions …) are nobody's business here."""
    return {key: front[key] for key in ("name", "description", "tools", "model") if front.get(key) is not None}


def load(name: str = DEFAULT, folders: Sequence[Path] = ()) -> PersonaFile:
    """Find a persona by name in the users' folders, then among the built-in ones; or read it from a path."""
    if name.endswith(".md"):
        return _read(Path(name))
    for folder in (*folders, BUILT_IN):
        path = folder / f"{name}.md"
        if path.parent == folder and path.is_file():
            return _read(path)
    known = ", ".join(available(folders))
    raise PersonaError("persona", f"no persona {name!r}; there are: {known}")


def available(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """The names of the personas that can be loaded."""
    return tuple(sorted({path.stem for folder in (*folders, BUILT_IN) for path in folder.glob("*.md")}))


def _read(path: Path) -> PersonaFile:
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PersonaError("persona", f"{path}: {error}") from error
