"""Is a plain word in a sentence used as a name? `the zorblat service`, `restart zorblat`, `zorblat times out`.

A name without digits or hyphens is known by where it stands: before the kind of an object, behind a kind that is
being pointed at, as what an operator's verb acts on, as what is said to be down, or between backticks. There it is
a claim that such a thing exists, unless it was observed or is one of the words that prose puts there (`the failing
service`, `restart it`; `chatops.policy.text.lexicon`). The list can miss a word; then that word
is lost, not the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from chatops.policy.resources import KINDS
from chatops.policy.text.lexicon import is_ordinary

UNVERIFIED_NAME = "[unverified name]"

_KIND = (
    "services? svc pods? deployments? statefulsets? daemonsets? replicasets? jobs? cronjobs? nodes? hosts? namespaces? "
    "databases? queues? topics? tables? buckets? metrics? flags? clusters? containers? caches? functions? workloads? "
    "servers? instances? backends? brokers? microservices? apps? daemons? alerts? alarms?"
).replace(" ", "|")
_POINTED = (
    "metric namespace host flag table topic bucket deployment statefulset daemonset cronjob microservice".replace(
        " ", "|"
    )
)
"""Kinds behind which a word is a name: they begin no compound."""
_ACTS = (
    "restart(?:ed|ing)? redeploy(?:ed|ing)? reboot(?:ed|ing)? scal(?:e|ed|ing)(?:_up|_down|_out|_in)? "
    "roll(?:ed|ing)?_back drain(?:ed|ing)? cordon(?:ed|ing)? kill(?:ed|ing)? disabl(?:e|ed|ing) enabl(?:e|ed|ing) "
    "toggl(?:e|ed|ing) fail(?:ed|ing)?_over"
).replace(" ", "|").replace("_", r"\s")  # fmt: skip
_SUFFERS = (
    r"(?:(?:is|are|was|were|has_been|went|goes|keeps|kept)_)?(?:down|unreachable|crash(?:ed|es|ing|looping|-looping)|"
    r"restart(?:ed|s|ing)|overloaded|saturated|unavailable|unresponsive|OOMKilled|offline|tim(?:es|ed|ing)_out|"
    r"refus(?:es|ed|ing)|fails|hangs|hung|stopped_responding|does_not_(?:respond|answer)|died)"
).replace("_", r"\s")
_STANDARDS = "utf|sha|aes|iso|rfc|http|tls|ssl|md|rsa|ecdsa|hmac|tcp|ipv|arm|dns|x|ucs|es|cve"
"""What stands before a number in the name of a standard; `CVE-2024-1` has a shape of its own."""
_NAME = r"[*_`'\"]{0,3}(?P<name>[A-Za-z][A-Za-z0-9]{2,40})[*_`'\"]{0,3}"
_END = r"(?![-_/:.'’]?\w)"
_PROPER = r"(?P<name>(?-i:[A-ZÀ-Þ][a-zß-ÿ][A-Za-zÀ-ÿ0-9]{2,40}))"
"""A word that is written as a name inside a sentence."""
_CAPITAL = r"(?-i:[A-ZÀ-Þ][a-zß-ÿ]{1,40})"
_PERSON = rf"(?P<name>{_CAPITAL})(?![-_/:.]?\w)"
_WHAT = (
    f"{_KIND}|sidecars?|poolers?|gateways?|prox(?:y|ies)|stores?|brokers?|mesh(?:es)?|schedulers?|operators?|agents?|"
    "exporters?|balancers?|Dienst(?:es)?|Datenbank|Knoten|n(?:œ|oe)ud"
)
_ABROAD = (
    r"servi[czç]io|serviço|service(?:\sde\s\w+)?|bas[ei]\s(?:de\s|di\s)?(?:datos|dados|dati|données)|Dienst|Datenbank"
)
"""A service and a database, in languages whose sentences go on with `está`, `è` or `ist`."""
_NEEDS = (
    r"via|downstream_of|upstream_of|f(?:all|ell)s?_back_(?:to|on)|falling_back_(?:to|on)|calls|queries|talks?_to|"
    r"(?:connects?|connecting|connections?)_to|(?:depends?|relies)_on|reads_from|writes_to|(?:publish|subscrib|push)es_to|"
    r"consumes_from|(?:served|fed|owned|called|proxied|fronted|backed|polled)_by"
).replace("_", r"\s")
_DONE = (
    r"(?:made|done|deployed|merged|pushed|approved|triggered|changed|edited|started|authored|released|applied|"
    r"reverted|ordered|rolled\s(?:out|back))"
)
_SHORT = "|".join(sorted(KINDS, key=len, reverse=True))
_PLACES = tuple(
    re.compile(place, re.IGNORECASE)
    for place in (
        rf"(?<![\w/.:@*`'\"-]){_NAME}\s+(?:{_KIND}){_END}",
        rf"\b(?:{_POINTED})\s+{_NAME}{_END}",
        rf"\b(?:{_KIND}|flag|feature)\s+(?:named|called)\s+{_NAME}{_END}",
        rf"\b(?:{_ACTS})\s+(?:the\s+)?{_NAME}{_END}",
        rf"(?:^|[,;:(]\s?|\b(?:because|and|but|while|since|that|when|so|as|the)\s+){_NAME}\s+(?:{_SUFFERS})(?!\w)",
        r"`(?P<name>[A-Za-z][A-Za-z0-9]{2,40})`",
        # in apposition, behind what it is: `the pooler, Fribble, holds`, `Zed, our gateway`, `two stores: Zed and Ada`
        rf"\b(?:{_WHAT}),\s{_PROPER}(?=,)",
        rf"(?<![\w/.:@-]){_PROPER}(?=,\s(?:our|the|a|an|its|their|unser\w*)\s(?:[a-z-]+\s){{0,3}}(?:{_WHAT})\b)",
        rf"\((?:an?|the|our)?\s?(?:[a-z-]+\s){{0,2}}(?:{_WHAT}|consumers?|clients?|users?)\s(?:of|called)\s{_PROPER}(?=\W)",
        rf"\b(?-i:{_WHAT})\s{_PROPER}{_END}",
        rf"\b(?:{_WHAT})\s?:\s(?:[\w-]+(?:,|\sand|\sor)\s){{0,4}}?{_PROPER}(?=[\s,.;]|$)",
        # whom it needs, who did it, and what a query reads
        rf"\b(?:{_NEEDS})\s{_NAME}{_END}(?!\s(?:{_KIND}|and|or)\b)",
        rf"\b(?:with|in|at|from)\s{_NAME}(?=,\s(?:which|who|whose)\b)",
        rf"\b{_DONE}\sby\s{_NAME}{_END}",
        # who is a person
        rf"\b(?:named|called|colleagues?|engineers?|developers?|teammates?|contractors?|admins?|manager)\s{_PERSON}",
        rf"\b(?:ask|asked|ping|tell|told|page|paged|according\sto|thanks\sto|by|did|does|spoke\s(?:to|with))\s{_PERSON}",
        rf"(?<![\w./:@-]){_PERSON}(?:\s{_CAPITAL})?\s(?:{_DONE}|pushed|raised|lowered|disabled|enabled|set|increased|reduced|"
        rf"removed|deleted|added|updated|ran|said|says|told|wrote|reported|scaled)\s(?:the|an?|its?|our|this|that|all|to|{_CAPITAL})\b",
        r"\b(?-i:FROM|JOIN|INTO|UPDATE)\s+(?!pg_)(?P<name>[a-z][a-z0-9_]{2,60})\b",
        rf"\b(?:{_ABROAD})\s(?:«\s)?(?P<name>[^\W\d_]{{4,40}})(?:\s»)?\s(?=(?:est[áà]?|[eéè]|ist|ne|n'|no|não|non|fall[ae]?|tomb[ae])\b)",
        # what a command reads, and what an image is called
        rf"\b(?:kubectl|oc)\s(?:get|describe|logs|top|exec|rollout\s[a-z]+)\s(?:-[\w-]+[\s=][\w-]+\s)?"
        rf"(?:(?:{_SHORT})[\s/])(?P<name>[a-z][a-z0-9.-]{{2,60}})",
        r"(?<![\w/.-])[\w-]+(?:\.[\w-]+)+(?::\d+)?/(?:[\w.-]+/)*(?P<name>[a-z][\w-]{2,60})(?=:[\w.-]*\w|@sha256)",
        # whoever is said to have said it, and the namespace of `ns/name`
        rf"{_NAME}(?:\s+(?:from|of)(?:\s+\w+){{1,4}})?\s+(?:confirmed|approved|promised|admitted)\b",
        r"(?<![\w/.:@-])(?P<name>[a-z][a-z0-9]{2,40})/[a-z][\w-]*\s+(?:is|has|does|was)\b",
        # identifiers that are no plain words: tickets, variables, commits, digests, files, units
        rf"(?<![\w-])(?P<name>(?!(?:{_STANDARDS})-)[A-Z]{{2,10}}-\d{{2,}})(?![\w-])",
        r"(?<![\w-])(?P<name>(?-i:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+))(?![\w-])",
        r"\bcommit\s+(?P<name>[0-9a-f]{7,40})\b",
        r"(?<![\w./-])(?P<name>(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,64})(?![\w-])",
        r"\b(?P<name>sha256:[0-9a-f]{6,64})\b",
        r"(?<![\w.:/])(?P<name>/(?:etc|var|opt|usr|home|srv|data|mnt|root)/[\w./-]+)",
        r"(?<![\w./-])(?P<name>[\w@-]+\.(?:service|socket|timer|mount))(?![\w-])",
        r"(?<![\w./-])(?P<name>kube-[a-z]+)(?![\w-])",
        r"(?<![\w:])(?P<name>(?=[0-9a-f:]*(?:::|[a-f]))(?:[0-9a-f]{1,4}:{1,2}){2,7}[0-9a-f]{1,4})(?![\w:])",
        r"(?<![\w:])(?P<name>arn:[\w-]+:[\w:/-]+)",
    )
)


def marked(sentence: str, known: Callable[[str], bool], removed: Callable[[str], None]) -> str:
    """The sentence with a mark for every plain word that is used as a name and is none; `removed` is told."""
    for place in _PLACES:

        def put(found: re.Match[str]) -> str:
            name = found["name"]
            if is_ordinary(name) or known(name):
                return found[0]
            removed("a name that was not observed")
            start = found.start("name") - found.start()
            return found[0][:start] + UNVERIFIED_NAME + found[0][start + len(name) :]

        sentence = place.sub(put, sentence)
    return sentence
