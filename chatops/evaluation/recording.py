"""How is a live incident captured as a case? It is investigated once, and what the sources answered is kept, redacted.

What cannot be redacted is not written. Afterwards the recording is played: it must give the answer that was given live.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import chatops
from chatops.domain.incident import Incident
from chatops.domain.ports import Watcher
from chatops.evaluation.case import TAPE, Case, CaseFile, Label, write
from chatops.evaluation.running import Run, run, taped
from chatops.policy.redaction import RedactionFailed, Redactor
from chatops.settings import Settings, SettingsError
from chatops.triage import investigate
from connectors.recorded import Recorder

_SHORT = 200
"""Characters of a text that is worth remembering."""


@dataclass(frozen=True)
class Recorded:
    """A case that was made, the rules' answer given live, and the one that the recording gives."""

    case: Case
    live: investigate.Case
    again: Run
    calls: int
    withheld: int
    """Answers left out because they could not be redacted."""

    @property
    def faithful(self) -> bool:
        """Whether the recording gives the same verdict and hypotheses."""
        return _gist(self.live) == _gist(self.again.answer)


async def record(
    settings: Settings, incident: Incident, folder: Path, label: Label | None = None, *, model: bool = False
) -> Recorded:
    """Investigate a live incident and write it as a case. SettingsError where nothing answers."""
    _make(folder)
    try:
        tape = Recorder(incident.window.end)
        options = settings.environment_options()
        chosen = options.get(incident.scope.environment) or next(iter(options.values()))
        async with taped(settings, chosen, tape, model=model, ambient=True) as parts:
            live, _ = await parts.investigator.facts(incident)
            if model:  # what the persona's tools ask belongs on the tape too
                await parts.investigator.reason(live, (), Watcher())
            redactor = parts.redactor(incident.id)
        if not tape.answers:
            raise SettingsError("nothing could be reached, so there is nothing to record (`chatops doctor` says more)")
        withheld = tape.save(folder / TAPE, remembering(redactor).value)
        file = redactor.evidence(_file(incident, label, tape))
        case = write(folder, file)
    except RedactionFailed as error:
        shutil.rmtree(folder)
        raise SettingsError(f"the incident's own words could not be redacted: {error}") from error
    except BaseException:
        shutil.rmtree(folder)
        raise
    again = await run(case, settings, model=False)
    return Recorded(case, live, again, tape.calls, withheld)


@dataclass(frozen=True)
class RememberingRedactor(Redactor):
    """A redactor that looks at a short text once: lists of objects say the same words thousands of times."""

    seen: dict[str, str] = field(default_factory=dict, repr=False)

    def text(self, text: str) -> str:
        """As the redactor does. Raises RedactionFailed."""
        if len(text) > _SHORT:
            return super().text(text)
        known = self.seen.get(text)
        if known is None:
            known = self.seen[text] = super().text(text)
        return known


def remembering(redactor: Redactor) -> RememberingRedactor:
    """The same redactor, for many texts."""
    return RememberingRedactor(key=redactor.key, personal=redactor.personal, formats=redactor.formats)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"--out {folder}: {error.strerror}") from error


def _file(incident: Incident, label: Label | None, tape: Recorder) -> CaseFile:
    return CaseFile(
        title=incident.title,
        question=incident.question,
        alerts=incident.alerts,
        scope=incident.scope,
        window=incident.window,
        label=label,
        sources=tape.sources,
        recorded_with=chatops.__version__,
    )


def _gist(case: investigate.Case) -> tuple[object, ...]:
    diagnosis = case.diagnosis
    return diagnosis.verdict, [(h.cause, str(h.subject), h.confidence) for h in diagnosis.hypotheses]
