"""How does what one of several clusters says carry the cluster's name? In keys, titles, subjects and commands."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from connectors import topology
from connectors.contract import ConnectorError
from connectors.evidence import Evidence, Finding, Observation, Subject
from connectors.kubernetes.reporting import SOURCE


@dataclass(frozen=True)
class Place:
    """A cluster: what people call it, the kubeconfig context in their commands, other names that alerts give it."""

    name: str
    context: str
    aliases: frozenset[str] = frozenset()

    def means(self, name: str) -> bool:
        """Whether this word is a name of the cluster."""
        return name in {self.name, self.context, *self.aliases}

    def named(self, text: str) -> str:
        """A sentence that says where it holds."""
        return f"{self.name}: {text}" if text else ""

    def failed(self, error: ConnectorError) -> ConnectorError:
        """An error that says where it happened."""
        return ConnectorError(error.kind, self.command(error.query), self.named(error.detail))

    def command(self, query: str) -> str:
        """A command that people run against this cluster."""
        return f"{query} --context {shlex.quote(self.context)}" if query.startswith("kubectl ") else query

    def told(self, seen: Observation) -> Observation:
        """What was observed, everything in it named as this cluster's."""
        return seen.model_copy(
            update={
                "evidence": tuple(self._evidence(one) for one in seen.evidence),
                "findings": tuple(self._finding(one) for one in seen.findings),
                "searched": self.named(seen.searched),
                "partial": self.named(seen.partial),
            }
        )

    def subject(self, subject: Subject) -> Subject:
        """The same thing, in this cluster."""
        return subject.model_copy(update={"cluster": self.name})

    def _key(self, key: str) -> str:
        return key.replace(f"{SOURCE}/", f"{SOURCE}/{self.name}/", 1)

    def _evidence(self, one: Evidence) -> Evidence:
        subject = self.subject(one.subject) if one.subject else None
        told = {"key": self._key(one.key), "title": self.named(one.title), "query": self.command(one.query)}
        return one.model_copy(update={**told, "subject": subject})

    def _finding(self, one: Finding) -> Finding:
        return one.model_copy(
            update={
                "subject": self.subject(one.subject),
                "statement": self.named(one.statement),
                "rests_on": tuple(map(self._key, one.rests_on)),
                "contradicted_by": tuple(map(self._key, one.contradicted_by)),
                "explains": tuple(map(self.subject, one.explains)),
                "commands": tuple(self._argv(argv) for argv in one.commands),
            }
        )

    def _argv(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        return (*argv, "--context", self.context) if argv[:1] == ("kubectl",) and "--" not in argv else argv


def without_context(argv: Sequence[str]) -> tuple[list[str], str]:
    """A kubectl command without its `--context`, and what that was."""
    words, context = [], ""
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--context" and rest:
            context = rest.pop(0)
        elif word.startswith("--context="):
            context = word.partition("=")[2]
        else:
            words.append(word)
    return words, context


def joined(parts: Sequence[Observation]) -> Observation:
    """What several clusters said, as one observation."""
    known = [one.topology for one in parts if one.topology]
    return Observation(
        evidence=tuple(item for one in parts for item in one.evidence),
        findings=tuple(item for one in parts for item in one.findings),
        searched="; ".join(one.searched for one in parts if one.searched),
        partial="; ".join(one.partial for one in parts if one.partial),
        unread=sum(one.unread for one in parts),
        watched=sum(one.watched for one in parts),
        topology=topology.merged(known) if known else None,
    )
