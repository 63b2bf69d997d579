"""Which HTTP and gRPC calls only read: curl, HTTPie, wget, grpcurl, and which hosts may be asked?"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from chatops.policy.grammar.model import Judgement, read, reveals, unknown, words, writes

INTERNAL = re.compile(
    r"(?:localhost|[\w-]+|(?:[\w-]+\.)+(?:local|localdomain|internal|intranet|corp|lan|svc|test|example)|(?:[\w-]+\.)+example\.(?:com|org|net))$"
)
"""Names that resolve only inside: single labels and the domains set aside for it."""

APIS = words(
    "api.github.com api.mailgun.net api.postmarkapp.com api.sendgrid.com api.cloudflare.com app.launchdarkly.com "
    "api.split.io api.datadoghq.com api.datadoghq.eu api.newrelic.com api.eu.newrelic.com api.pagerduty.com "
    "api.braintreegateway.com api.squareup.com api.stripe.com api.opsgenie.com api.fastly.com api.digitalocean.com "
    "api.heroku.com api.linode.com api.vultr.com api.hetzner.cloud api.netlify.com api.vercel.com api.render.com "
    "api.buildkite.com circleci.com api.travis-ci.com gitlab.com bitbucket.org api.bitbucket.org api.twilio.com "
    "api.honeycomb.io api.statuspage.io api.sentry.io sentry.io api.pingdom.com api.uptimerobot.com api.grafana.com "
    "grafana.com logs.papertrailapp.com api.logz.io api.sumologic.com api.splunk.com api.elastic-cloud.com "
    "api.confluent.cloud api.mongodb.com cloud.mongodb.com api.algolia.com api.algolia.net "
    "api.auth0.com api.okta.com "
    "api.doppler.com api.snyk.io hub.docker.com "
    "registry-1.docker.io auth.docker.io quay.io "
    "ghcr.io registry.k8s.io api.adyen.com api.paypal.com api.razorpay.com "
    "api.mollie.com api.paddle.com api.recurly.com api.chargebee.com api.configcat.com api.unleash-hosted.com "
    "api.flagsmith.com api.optimizely.com api.dnsimple.com api.godaddy.com api.namecheap.com "
    "dns.google cloudflare-dns.com "
    "api.ns1.net api.nsone.net api.akamai.com api.bunny.net api.keycdn.com api.slack.com status.aws.amazon.com"
)
"""Documented API hosts of providers; a GET there is a read. A deployment may list more."""

GET = words("GET HEAD OPTIONS")
_HTTP_VALUES = words(
    "-H --header -A --user-agent -e --referer -m --max-time --connect-timeout --retry --retry-delay --retry-max-time "
    "-r --range -y -Y --limit-rate -w --write-out --max-redirs --http-proxy-version --tls-max "
    "--ciphers --url"
)
_HTTP_SWITCHES = words(
    "-s --silent -S --show-error -f --fail -v --verbose -i --include -I --head -G --get -4 "
    "-6 --ipv4 --ipv6 --http1.1 "
    "--http2 --http3 -g --globoff --compressed -# --no-progress-meter -N --no-buffer "
    "--fail-with-body --raw --tlsv1.2 "
    "--tlsv1.3 -k --insecure --path-as-is -0 --http1.0 --tcp-nodelay"
)
_QUERY_READS = re.compile(
    r"/(?:_search|_msearch|_count|_analyze|_explain|_field_caps|_mget|_rank_eval|_validate/query|_search/template)/?"
    r"|/(?:_cat|_explain)/[\w,*.-]+/?"
    r"|/(?:api|loki/api|prometheus/api)/v1/(?:query|query_range|query_exemplars|series|labels)/?"
    r"|/indexes/[\w*.-]+/(?:search|query|queries|facet-search)/?|/multi-search/?|/collections/[\w.-]+/documents/search/?"
)
"""Paths whose POST is a question too long for an address: of search engines, of Prometheus and Loki."""

_SECRET_PATHS = re.compile(
    r"/actuator/(?:heapdump|env|configprops|sessions)|/v1/kv/|/v[23]/keys|/v3/kv/|/debug/vars|/proc/|"
    r"/(?:secrets?|credentials?|tokens?|passwords?|api[_-]?keys?)(?:/[^/?]+)(?:[/?]|$)|/latest/(?:meta-data/iam|user-data|api/token)|169\.254\.169\.254|metadata\.google",
    re.I,
)


_FILES = words("-F --form -T --upload-file --form-string")
_SENDING = words("-d --data --data-raw --data-binary --data-ascii --json -F --form -T --upload-file --form-string")


@dataclass
class _Request:
    """What a curl command asks for, as far as it was read."""

    method: str = ""
    targets: list[str] = field(default_factory=list)
    sends: bool = False
    problem: Judgement | None = None

    def flag(self, name: str, take: Callable[[], str], as_query: bool) -> None:
        """Take in one flag; `take` gives its value."""
        if name in {"-X", "--request"}:
            self.method = take()
        elif name == "--url":
            self.targets.append(take())
        elif name in _SENDING:
            self._refuse("@" in take() or name in _FILES, unknown("sends a file"))
            self.sends = True
        elif name == "--data-urlencode":
            self._refuse("@" in take(), unknown("sends a file"))
            self.sends = self.sends or not as_query
        elif name in {"-o", "--output"}:
            self._refuse(take() not in {"/dev/null", "-"}, writes("curl writes to a file"))
        elif name in _HTTP_VALUES:
            held = take()
            self._refuse(held.startswith("@"), unknown("sends or reads a file"))
            self._refuse("%output" in held, writes("curl writes to a file"))
            self._refuse("method" in held.lower() and name in {"-H", "--header"}, unknown("overrides the method"))
        else:
            self._refuse(name not in _HTTP_SWITCHES, unknown(f"nothing is known of curl's {name[:30]}"))

    def _refuse(self, wrong: bool, judgement: Judgement) -> None:
        self.problem = self.problem or (judgement if wrong else None)


def judge_curl(args: Sequence[str], hosts: frozenset[str] = frozenset()) -> Judgement:
    """A GET (or HEAD) to a listed or internal host, written to the standard output, is a read."""
    if list(args) in (["--version"], ["-V"], ["--help"], ["-h"]):
        return read("prints help")
    request, rest = _Request(), iter(_unclustered(args))
    for argument in rest:
        if not argument.startswith("-"):
            request.targets.append(argument)
            continue
        name, equals, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        request.flag(name, partial(_value, equals, value, rest), bool({"-G", "--get"} & set(args)))
    if request.problem:
        return request.problem
    method = request.method.upper() if request.method.isascii() else request.method
    return _http(method, request.targets, request.sends, hosts)


def _value(equals: str, value: str, rest: Iterator[str]) -> str:
    return value if equals else next(rest, "")


def _unclustered(args: Sequence[str]) -> list[str]:
    """Short flags one by one: `-sSk` as `-s -S -k`, `-XGET` as `-X GET`."""
    result: list[str] = []
    for argument in args:
        if len(argument) <= 2 or not argument.startswith("-") or argument.startswith("--"):
            result.append(argument)
            continue
        letters = argument[1:]
        while letters:
            flag, letters = "-" + letters[0], letters[1:]
            result.append(flag)
            if flag in _HTTP_VALUES | words("-X -d -F -T -o -u -b -c -K -x -E -C -z -D -t -P -Q"):
                result += [letters] if letters else []
                break
    return result


def _http(method: str, targets: Sequence[str], data: bool, hosts: frozenset[str]) -> Judgement:
    if not targets:
        return unknown("names no address")
    asks = all(_searches(target) for target in targets)
    if method and method not in GET and not (method == "POST" and asks):
        return writes(f"{method[:10]} may change what it is sent to")
    if data and not asks:
        return writes("sends data")
    for target in targets:
        problem = _problem(target, hosts)
        if problem:
            return problem
    return read(f"{method or 'GET'} only reads")


def _searches(target: str) -> bool:
    try:
        path = urlsplit(_full(target)).path
    except ValueError:
        return False
    found = next((m for m in _QUERY_READS.finditer(path) if m.end() == len(path)), None)
    return found is not None and ".." not in path and "%" not in path


def _full(target: str) -> str:
    return target if "://" in target else "http://" + (target if not target.startswith(":") else "localhost" + target)


def _problem(target: str, hosts: frozenset[str]) -> Judgement | None:
    if re.search(r"[\[\]{}]", target) and not re.search(r"match\[\]", target):
        return unknown("the address is a pattern of addresses")
    try:
        parts = urlsplit(_full(target))
        host = (parts.hostname or "").lower()
    except ValueError:
        return unknown("the address could not be read")
    if parts.scheme not in {"http", "https"} or parts.username is not None or "\\" in target:
        return unknown("not a plain http address")
    if _SECRET_PATHS.search(target):
        return reveals("the address answers with secrets")
    if not (is_internal(host) or host in hosts or host in APIS):
        return unknown(f"{host[:80]} is not a listed host")
    return None


def is_internal(host: str) -> bool:
    """Whether a host name or address is inside: loopback, private networks, local names."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(INTERNAL.match(host)) and not re.fullmatch(r"0x[0-9a-f.x]+|[\d.]+", host)
    return (address.is_loopback or address.is_private) and not address.is_link_local


def judge_httpie(args: Sequence[str]) -> Judgement:
    """`http GET host/path`: only reading methods, no body items, no sessions or downloads."""
    plain = [a for a in args if not a.startswith("-")]
    flags = [a for a in args if a.startswith("-")]
    if any(
        f
        not in words(
            "--json -j --pretty --print -p -h --headers -b --body -v --verbose --follow -F "
            "--check-status --ignore-stdin"
        )
        for f in flags
    ):
        return unknown("nothing is known of one of the flags")
    method = plain[0] if plain and plain[0].isascii() and plain[0].isupper() else ""
    targets, items = plain[bool(method) :][:1], plain[bool(method) :][1:]
    if any(not re.fullmatch(r"[\w.-]+==[^@]*|[\w-]+:[^=@]*", item) for item in items):
        return writes("sends data")
    return _http(method, targets, False, frozenset())


_WGET_SWITCHES = words(
    "-q --quiet -S --server-response -nv --no-verbose -v --spider -4 -6 --no-check-certificate --no-cache"
)
_WGET_VALUES = words(
    "-T --timeout -t --tries --connect-timeout --read-timeout --dns-timeout --wait --header -U --user-agent"
)


def judge_wget(args: Sequence[str]) -> Judgement:
    """`wget -qO- URL` and `wget --spider URL`: a GET to a listed or internal host, of which no file is made."""
    if list(args) in (["--version"], ["-V"], ["--help"], ["-h"]):
        return read("prints help")
    targets, shown, rest = [], False, iter(_wget_flags(args))
    for argument in rest:
        name, equals, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if not argument.startswith("-"):
            targets.append(argument)
        elif name in {"-O", "--output-document"}:
            shown = (value if equals else next(rest, "")) in {"-", "/dev/null", "/dev/stdout"}
            if not shown:
                return writes("wget writes to a file")
        elif name in _WGET_VALUES:
            if "@" in (value if equals else next(rest, "")):
                return unknown("reads a file")
        elif name in _WGET_SWITCHES:
            shown = shown or name == "--spider"
        elif name.startswith(("--post", "--method", "--body")):
            return writes("sends data")
        else:
            return unknown(f"nothing is known of wget's {name[:30]}")
    return _http("", targets, False, frozenset()) if shown else writes("wget writes to a file")


def _wget_flags(args: Sequence[str]) -> list[str]:
    """Short flags one by one: `-qO-` as `-q -O -`."""
    result: list[str] = []
    for argument in args:
        found = re.fullmatch(r"-([qSv46]*)([OTtU])(.*)|-([qSv46]{2,})", argument) if argument != "-nv" else None
        if not found:
            result.append(argument)
        elif found[4]:
            result += ["-" + letter for letter in found[4]]
        else:
            result += [*("-" + letter for letter in found[1]), "-" + found[2], *([found[3]] if found[3] else [])]
    return result


def judge_grpcurl(args: Sequence[str]) -> Judgement:
    """What a gRPC server offers, and its health; other calls may do anything."""
    plain, rest = [], iter(args)
    for argument in rest:
        if argument in {"-max-time", "-connect-timeout", "-authority"}:
            next(rest, "")
        elif argument not in {"-plaintext", "-insecure", "-v", "-vv"} and argument.startswith("-"):
            return (
                read("prints the version")
                if argument == "-version"
                else unknown(f"nothing is known of {argument[:20]}")
            )
        elif not argument.startswith("-"):
            plain.append(argument)
    host = plain[0].rsplit(":", 1)[0] if plain else ""
    if len(plain) < 2 or not is_internal(host):
        return unknown("names no host inside, or no question")
    if plain[1] in {"list", "describe"} or plain[1] in {"grpc.health.v1.Health/Check", "grpc.health.v1.Health.Check"}:
        return read("asks what the server offers, or for its health")
    return unknown(f"{plain[1][:60]} may do anything")


def judge_grpc_health(args: Sequence[str]) -> Judgement:
    """`grpc_health_probe -addr=HOST:PORT`."""
    hosts = [a.partition("=")[2].rsplit(":", 1)[0] for a in args if re.match(r"--?addr=", a)]
    known = all(re.match(r"--?(?:addr|service|connect-timeout|rpc-timeout)=|--?tls$", a) for a in args)
    return read("asks for the health") if known and hosts and is_internal(hosts[0]) else unknown("names no host inside")
