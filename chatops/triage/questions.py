"""What does a person ask? The kind of question, what it is about, and the time it means, by rules.

A table each for kinds and topics: a newcomer adds a row. Where a model is configured it reads the words itself;
this is for those who have none, and it never guesses: what it does not understand is searched for word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from chatops.triage import scope
from connectors.causes import Cause

Kind = Literal["logs", "changes", "mitigate", "before", "start", "impact", "now", "why", "words"]

_KINDS: tuple[tuple[Kind, str], ...] = (
    ("logs", r"logs?|log lines?|stack ?traces?|exceptions?"),
    ("before", r"(seen|happened|happen|occurred|had) (this |it |that )?before|last time|(similar|earlier) incidents?"),
    ("mitigate", r"roll(ing|ed)? ?back|revert|undo|mitigat\w+|work ?around|fix|repair|solve|next steps?"
                 r"|restart|delete|kill|scale|drain"
                 r"|what (should|can|do|could|shall) (i|we) (do|try|check|run)|(should|can|shall) (i|we) \w+"),
    ("changes", r"chang\w+|deploy(s|ed|ment|ments|ing)?|releas\w+|rolled out|roll ?outs?|new version|shipped|merged"),
    ("start", r"when did|since when|how long|when was|what time|started|begin|began"),
    ("impact", r"affect\w*|impact\w*|blast radius|suffer\w*|who is hit|customers?|users?|what is (down|broken)"),
    ("now", r"and now|eta|still|better|worse|recover\w*|back to normal|is it over|status|at the moment|right now"
            r"|any news|update"),
    ("why", r"why|causes?|root cause|what is wrong|what'?s wrong|evidence|how do you know|sure|confiden\w+|explain"),
)  # fmt: skip
"""Kind → words that ask for it; the first that fits is meant."""


class Topic(NamedTuple):
    """Something a cause may be about: the words people use, and its causes, by areas and parts of codes."""

    name: str
    words: str
    areas: tuple[str, ...] = ()
    codes: str = "(?!)"

    def covers(self, cause: Cause) -> bool:
        """Whether the cause is of this topic."""
        return cause.area in self.areas or re.search(self.codes, cause.code) is not None


TOPICS: tuple[Topic, ...] = (
    Topic("the database", r"databases?|dbs?|mysql|maria ?db|postgres\w*|rds|aurora|sql|mongo\w*|dynamo\w*",
          codes=r"Database|Table|IncorrectDependency(Address|Port)|InvalidCredentials"),
    Topic("the cache", r"cach\w+|redis|valkey|memcached|elasti ?cache", codes=r"Cache"),
    Topic("DNS", r"dns|core ?dns|name resolution|resolv\w+", codes=r"DNS"),
    Topic("the network",
          r"network\w*|packets?|connectivity|firewall|network ?polic\w+|mesh|istio|linkerd|ingress|gateway",
          ("routing",), r"Network|NAT|DNS|LoadBalancer"),
    Topic("the nodes", r"nodes?|kubelet|hosts?|machines?|instances?|hardware", ("nodes",), r"Instance"),
    Topic("memory", r"memory|oom\w*|ram|leak\w*", codes=r"Memory|OOM"),
    Topic("CPU", r"cpu|throttl\w+|processor", codes=r"CPU|Throttled"),
    Topic("disk and storage", r"dis[kc]s?|storage|volumes?|pvcs?|pv|full", ("storage",), r"Disk|Storage|IOSaturated"),
    Topic("the release", r"releases?|deploy\w*|roll ?outs?|versions?|images?|helm|argo\w*|flux|bad build",
          ("rollouts",), r"Image|BadRelease|Deployment"),
    Topic("configuration", r"config\w*|settings?|env(ironment)? var\w*|secrets?|flags?", codes=r"Config|Secret|Probe"),
    Topic("traffic", r"traffic|load|requests?|surge|ddos|spike", ("traffic",), r"RateLimited|AutoscalerLimited|Queue"),
    Topic("queues and streams", r"queues?|brokers?|streams?|kafka|msk|kinesis|sqs|sns|rabbit\w*|deliver\w+",
          codes=r"Queue|Broker|Delivery|Stream"),
    Topic("search", r"search|elastic ?search|open ?search", codes=r"Search"),
    Topic("autoscaling", r"autoscal\w+|hpa|keda|replicas?", codes=r"Autoscaler|ScaledToZero"),
    Topic("quotas", r"quotas?|limit ?ranges?", codes=r"Quota|LimitRange"),
    Topic("scheduling", r"schedul\w+|pending|taints?|affinity|capacity", ("scheduling",),
          r"Scheduler|ClusterAutoscaler"),
    Topic("permissions", r"permissions?|rbac|iam|forbidden|denied|access",
          codes=r"Forbidden|Denied|Permission|Credentials|ServiceAccount"),
    Topic("certificates", r"certs?|certificates?|tls|ssl|expir\w+", codes=r"Certificate|ClockSkew"),
    Topic("probes", r"probes?|liveness|readiness|health ?checks?", codes=r"Probe"),
    Topic("the control plane", r"control ?plane|api ?server|etcd|scheduler|controller manager", ("control-plane",)),
)  # fmt: skip

_HALF_HOUR = re.compile(r"\bhalf (an )?hour\b", re.IGNORECASE)
_HOUR = re.compile(r"\b(last|past|within the|this) hour\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(?:since|after|from)\s+(\d{1,2}):(\d{2})\b", re.IGNORECASE)
_LENGTH = re.compile(r"\b(since|for|last|past)\s+(the\s+last\s+)?\d", re.IGNORECASE)
_TODAY = re.compile(r"\btoday\b", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A question as far as rules understand it."""

    text: str
    kind: Kind
    topics: tuple[Topic, ...] = ()
    since: datetime | None = None
    """From when on, where the words say so."""


def understood(text: str, now: datetime) -> Asked:
    """The kind, the topics and the time of a question."""
    kind = next((kind for kind, words in _KINDS if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), None)
    topics = tuple(topic for topic in TOPICS if re.search(rf"\b(?:{topic.words})\b", text, re.IGNORECASE))
    return Asked(text, kind or "words", topics, asked_since(text, now))


def asked_since(text: str, now: datetime) -> datetime | None:
    """From when on something is asked for (`last half hour`, `since 10:30`, `today`); None where nothing says."""
    if _HALF_HOUR.search(text):
        return now - timedelta(minutes=30)
    if found := _CLOCK.search(text):
        return _clock(int(found[1]), int(found[2]), now)
    if _LENGTH.search(text):
        return now - scope.since(text)
    if _HOUR.search(text):
        return now - timedelta(hours=1)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) if _TODAY.search(text) else None


def _clock(hour: int, minute: int, now: datetime) -> datetime | None:
    if hour > 23 or minute > 59:
        return None
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)
