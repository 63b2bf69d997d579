"""Which values are secrets because of the name they are assigned to?

`DB_PASSWORD=…`, `"client_secret": "…"`, `--token …`, `<apiToken>…</apiToken>`, `X-Api-Key: …`. A name is split into
words (`fooBarToken` → foo bar token) and judged by them: strong names make any value a secret, weak names only a value
that looks random. Names that end in what is said *about* a secret (`secretName`, `tokenExpirationSeconds`) are none.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from chatops.policy.redaction.prefilter import Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span, is_placeholder

KEYWORDS = (
    *("pass", "pwd", "pw", "secret", "token", "key", "credential", "creds", "auth", "cookie"),
    *("signature", "session", "license", "salt", "webhook", "contribsys", "dsn", "otp", "jwt"),
    *("accessid", "access_id", "access.id", "access-id", "clientid", "client_id", "sonar_login", "sonar.login"),
)
"""One of these stands in every sensitive name; they are looked for first, because that is fast."""

_KEYWORD = f"(?:{'|'.join(map(re.escape, KEYWORDS))})"
_ASSIGNMENT = Prefilter(
    [
        _KEYWORD + r"""[\w.-]*(?:\\{0,3}["'`\])]){0,3}[ \t]*(?:(?:string|str|const)[ \t]*)?(?:[:=>,?+.|%-]|\t[^ \t])""",
        rf"-[\w.-]*{_KEYWORD}[\w.-]*(?:\\{{0,3}}[\"'`\])]){{0,3}}[ \t]",
        r"(?:requirepass|masterauth|bindpw)[ \t]",
        _KEYWORD + r"[A-Za-z0-9_]{0,24} {2,}[^ \n]{8,}[ \t\r]*(?:\n|$)",
        _KEYWORD + r"[\w-]*[\"']?,?\r?\n[ \t]*(?:-[ \t]+)?[\"']?[^\s-]",
        rf"(?:ENV|ARG|setenv|setx|set -[xgU]+)[ \t]+[\w.$-]*{_KEYWORD}[\w.-]*[ \t]",
    ],
    ignore_case=True,
)
"""A keyword in what may be a name, and what may be an assignment behind it."""


def _set(words: str, by: str | None = None) -> frozenset[str]:
    return frozenset(words.split(by))


STRONG = _set(
    "password passwd passwort passphrase pwd pw pass secret token apikey apitoken authtoken accesstoken privatekey "
    "clientsecret secretkey passcode otp requirepass masterauth identitytoken secretaccesskey bearer "
    "accesskey authkey accountkey licensekey rootpw bindpw adminpw userpw dbpw"
)
STRONG_PAIRS = _set(
    "api key|access key|private key|secret key|account key|auth key|encryption key|signing key|shared key|master key|"
    "client key|deploy key|service key|session key|license key|storage key|host key|admin key|app key|"
    "application key|publishable key|key data|ssh key|hmac key|webhook url|webhook key|sas key|insert key|"
    "contribsys com",
    "|",
)
WEAK = _set(
    "auth credential credentials creds authorization key cookie session signature salt sig jwt webhook dsn "
    "authentication"
)
MADE = _set("credential credentials creds")
"""Names whose value is a secret when it was made by a machine, an identifier or a digest included."""

VENDORS = _set(
    "adafruit adobe airtable algolia artifactory asana atlassian beamer bitbucket bittrex cloudflare codecov cohere "
    "coinbase confluent contentful datadog discord droneci dropbox etsy facebook fastly finicity finnhub flickr "
    "freshbooks gitter gocardless heroku hubspot intercom jfrog jira kraken kucoin launchdarkly linear linkedin lob "
    "looker mailchimp mailgun mapbox mattermost messagebird netlify nytimes okta openai "
    "plaid rapidapi sendbird sentry snyk "
    "sourcegraph squarespace sumologic telegram travis twilio twitch twitter typeform yandex zendesk hub "
    "bird sumo relic bintray newyorktimes newrelic pagerduty opsgenie honeycomb sendgrid mandrill sparkpost shopify "
    "stripe paypal braintree razorpay vercel digitalocean linode vultr hetzner scaleway alibaba aliyun tencent "
    "cloudinary spotify github gitlab anthropic huggingface elevenlabs figma clickup calendly docusign quickbooks "
    "salesforce mixpanel amplitude rollbar bugsnag raygun splunk loggly papertrail pingdom statuspage uptimerobot "
    "trello buildkite circleci pusher ably mapquest opencage ipstack tomtom meraki abuseipdb virustotal deepgram "
    "pinecone assemblyai wandb weatherstack openweather tableau zoho postmark telnyx plivo vonage nexmo civo upcloud "
    "ovh exoscale wiz vercel wakatime kagi deepseek cerebras bitly bitrise coveralls browserstack saucelabs jumpcloud "
    "infomaniak disqus elastic sendpulse customerio chargebee recurly paddle hunter"
)
"""Services whose keys have no form of their own: `HEROKU_KEY` holds what looks like any identifier."""

NOT_A_SECRET_AFTER = _set(
    "name names id ids ref refs reference url uri urls path paths file files dir type types length len size count "
    "expiration expires expiry expired seconds minutes ms ttl version enabled enable disabled mount mounts provider "
    "store kind class namespace algorithm alg issuer endpoint endpoints format checksum valid created updated at "
    "time timeout limit max min used total error errors status state reviews review policy "
    "policies config mode field "
    "fields selector required optional source sources target service scope scopes scheme method host hosts port "
    "server domain prefix suffix pattern regex template rotation rotated revision usage users user username limits "
    "index rate available address audience budget cache manager controller volume engine backend handler list bytes "
    "response request header headers agent group groups role roles class label labels tag tags from to projection"
    " exp iat plugin exec command args accessor arn vault alias mapping map table column schema event events level"
)
_STRONG_ENDS = ("password", "passwd", "passphrase", "token", "secret", "apikey", "accesskey", "secretkey", "privatekey")
"""How words end that were written together (`PGPASSWORD`)."""

_SAID_BESIDE = _set("base value string text raw plain encoded prod production staging stage live dev main primary")
"""Words behind a name that say in which form or where the secret is: `SECRET_KEY_BASE`, `DB_PASSWORD_PROD`."""

_NOT_BEFORE = _set("max min num public csrf next continue page")
NONE, RANDOM, ANY, MACHINE_MADE, OBJECT = range(5)

PUBLIC_BEFORE = _set("public primary foreign cache partition routing sort row map object etcd max min num idempotency")
_KEYWORDS = re.compile(_KEYWORD)
_TAIL = re.compile(r"[A-Za-z0-9_.\-]{0,48}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SEPARATOR = re.compile(
    r"""(?:\\{0,3}["'`\]\)]){0,3}
    (?:[ \t]+(?:string|str|String|const|=\s*os\.environ\S*)(?=[ \t]*=))?
    (?:(?P<next>:[ \t]*\r?\n[ \t]*(?=[^\s:#<{\[-][^\s:]{5,}[ \t]*(?:\r?\n|\Z)))
      |[ \t]{0,20}(?::{1,3}=|[?+.]=|=>|->|={1,3}|:|\|\||,(?=[ \t]{0,4}\\{0,3}["'`])|%3[AD])[ \t]{0,40}
      |(?P<xml>>)\s{0,200}(?:<[Vv]alue>\s{0,40})?
      |(?P<cell>[ \t]*\|[ \t]*|\t+|[ ]{2,60}(?=[^\s:]{8,}[ \t\r]*(?:\n|\Z)))
      |(?P<argument>,?\r?\n[ \t]*(?:-[ \t]+)?(?=[^\s-]))
      |(?P<blank>[ \t]{1,4}(?=[^\s=:,>-])))
    (?P<block>[|>][+-]?\d?[ \t]*\n[ \t]+)?
    (?:\{\s{0,20}\\{0,3}"(?:value|default|plaintext)\\{0,3}"[ \t]*:[ \t]*)?
    (?:[ubr](?=["']))?
    (?:<!\[CDATA\[)?
    (?P<quote>\\{0,3}(?:""\"|["'`]))?""",
    re.VERBOSE,
)
_BARE = re.compile(r"[^\s\"'`<>]+")
_REST_OF_LINE = re.compile(r"[^\n\r\"]+")
_REFERENCE = re.compile(
    r"""\$[{(\w%]|\{[A-Za-z_]+\}?$|%[({]?\w+[)}]?%?$|\{\{|<|\[?(?:redacted|hidden|masked|filtered|removed|omitted|scrubbed|sensitive)\b
    |(?:true|false|null|none|nil|undefined|yes|no|string|str|bytes?|optional|required|empty|missing|invalid|expired|
      unset|set|enabled|disabled|changed|unchanged|unknown|not|is|was|has|must|for|from|the|in|to|of|on|and|or|a|an|with
      |password|passwd|secret|token|username|user|example|files|compat|changeme_?)(?=[.,;:!?)\]}]*(?:\s|$))
    |(?-i:[a-z]+_[a-z_]+\.[a-z]\w*\.[a-z]\w*)(?![\w.])
    |\*+(?![\w])|x{3,}$|\.{3}|os\.|env\.|process\.|var\.|secrets?\.|data\.|local\.|module\.|ENC\[|vault:|arn:|ssm:|sops:|projects/""",
    re.VERBOSE | re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
_DIGEST = re.compile(r"(?:sha\d+:)?[0-9a-f]{32,}$")


def words_of(name: str) -> list[str]:
    """The words of an identifier, in lower case: `fooBar-BAZ_id` → foo, bar, baz, id."""
    return [word.lower() for word in _WORDS.findall(name)]


@lru_cache(maxsize=4096)
def strength(name: str) -> int:
    """How much a name says: ANY value is a secret, one MADE by a machine, a RANDOM one, or NONE is."""
    words = words_of(name)
    while words and (words[-1].isdigit() or (len(words) > 1 and words[-1] in _SAID_BESIDE)):
        words.pop()
    if words[-2:] in _IDENTIFIERS or (words[-2:] == ["client", "id"] and VENDORS & set(words)):
        return MACHINE_MADE
    if not words or words[-1] in NOT_A_SECRET_AFTER:
        return NONE
    if words == ["secret"]:
        return OBJECT
    if words[-1] in STRONG or words[-1].endswith(_STRONG_ENDS) or _pairs(words[-2:]):
        return NONE if len(words) > 1 and words[-2] in _NOT_BEFORE else ANY
    if words[-1] in MADE or (words[-1] == "key" and VENDORS & set(words)) or words[-1] == "accessid":
        return MACHINE_MADE
    if words[-1] == "key" and name.isupper() and len(words) > 1 and not PUBLIC_BEFORE & set(words):
        return MACHINE_MADE  # an environment variable
    if words[-1] in WEAK and not PUBLIC_BEFORE & set(words):
        return RANDOM
    inside = any(w in STRONG for w in words) or any(_pairs(words[i : i + 2]) for i in range(len(words)))
    return RANDOM if inside else NONE


_IDENTIFIERS = (
    *(["secret", "id"], ["access", "id"], ["routing", "key"], ["integration", "key"]),
    *(["subscription", "key"], ["instrumentation", "key"], ["sonar", "login"]),
)
"""Names that also stand for a plain name (of a secret, of a queue): a value made by a machine is a login."""


def _pairs(words: list[str]) -> bool:
    return " ".join(words) in STRONG_PAIRS


def looks_made(value: str) -> bool:
    """Whether a value was made by a machine: random, an identifier or a digest."""
    return looks_random(value) or bool(_UUID.match(value) or _DIGEST.match(value))


_NO_TOKEN = re.compile(r"[\s:]|\.\w+\.|//|^/\w+(?:/|$)|[{}()]|^[a-z]+(?:[-_.][a-z]+)*[-_.]\d+$")
"""What no token looks like: prose, hosts, paths, calls, numbered things (`orders-717359`)."""


def looks_random(value: str) -> bool:
    """Whether a value is more likely made by a machine than by a person who names things."""
    if len(value) < 10 or _UUID.match(value) or _DIGEST.match(value) or _NO_TOKEN.search(value):
        return False
    if not re.search(r"\d", value) or not re.search(r"[A-Za-z]", value):
        return False
    return entropy(value) >= 3.3


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def named_secrets(view: View) -> Iterator[Span]:
    """Values assigned to sensitive names."""
    text, done = view.text, -1
    for first, last in _ASSIGNMENT(view.data):
        for keyword in _KEYWORDS.finditer(view.lower, max(first, done), max(last, done)):
            if keyword.start() < done:
                continue
            start, done = _identifier(text, keyword.start())
            span = _assigned(text, start, done)
            if span is not None:
                done = max(done, span.end)
                yield span


def _identifier(text: str, at: int) -> tuple[int, int]:
    start = at
    while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in "_-.$"):
        start -= 1
    tail = _TAIL.match(text, at)
    end = tail.end() if tail else at
    while end > start and text[end - 1] in ".-":
        end -= 1
    return start, end


def _assigned(text: str, start: int, end: int) -> Span | None:
    name = text[start:end]
    level = strength(name)
    if not level or text.endswith("checksum/", max(0, start - 9), start):
        return None
    if level == RANDOM and text[start - 1 : start] in {"?", "&"}:
        level = MACHINE_MADE  # what a request asks with is not made up of digests
    separator = _SEPARATOR.match(text, end)
    if separator is None or (separator["blank"] and not _takes_blank(text, start, separator)):
        return None
    if separator["cell"] and separator["cell"].isspace() and "\t" not in separator["cell"] and "-" in name:
        return None  # names of objects have dashes
    if separator["argument"]:
        flag = _FLAG_LINE.fullmatch(text[text.rfind("\n", 0, start) + 1 : end])
        if not flag or flag["lead"] != separator["argument"].lstrip(",\r\n"):
            return None
    if separator["xml"] and text[start - 1 : start] == "/":
        return None  # what follows a closing tag
    if text[start - 1 : start] == ":" and _ARN.search(text, max(0, start - 120), start):
        return None
    first = separator.end()
    last = _value_end(text, start, first, separator, level)
    value = text[first:last]
    if separator["next"] and not (looks_made(value) if text[first - 1] == "\n" else any(map(str.isdigit, value))):
        return None
    if separator["cell"] and not (len(value) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
        return None
    if not is_secret_value(value, level) or _is_prose(text, last, value, separator) or _is_key(text, last, separator):
        return None
    return Span(first, last, CREDENTIAL)


def _takes_blank(text: str, start: int, separator: re.Match[str]) -> bool:
    """Whether `name value` is an assignment: flags (`--token abc`), `ENV NAME abc` and words of configurations."""
    name = text[start : separator.start()]
    flag = name.startswith("--") or (name.startswith("-") and bool(separator["quote"]))
    return (
        flag
        or name.lower() in {"requirepass", "masterauth", "bindpw"}
        or bool(_SETS.search(text, max(0, start - 24), start))
    )


_SETS = re.compile(r"(?:^|\n|[;&] ?)[ \t]*(?:ENV|ARG|setenv|setx|set -[xgU]+)[ \t]+\Z")


def _is_prose(text: str, last: int, value: str, separator: re.Match[str]) -> bool:
    """`could not fetch a token: unexpected status`: a plain word, and the sentence goes on."""
    return separator.group() == ": " and value.isalpha() and value.islower() and bool(_PROSE.match(text, last))


def _is_key(text: str, last: int, separator: re.Match[str]) -> bool:
    """`"name": "istio-token", "mountPath": …`: what follows a comma is the next name, not a value."""
    return "," in separator.group() and bool(_KEY_END.match(text, last))


_FLAG_LINE = re.compile(r"""(?P<lead>[ \t]*(?:-[ \t]+)?)["']?--?[A-Za-z][\w.-]*""")
"""A flag alone on its line, as arguments are listed: what stands on the next line is its value."""

_ARN = re.compile(r"\barn:[\w:/-]*\Z")
_KEY_END = re.compile(r"""\\{0,3}["'`][ \t]*:""")
_PROSE = re.compile(r" [a-z]+(?:[ ,.:;!?\n\"']|\Z)")


def _value_end(text: str, start: int, first: int, separator: re.Match[str], level: int) -> int:
    quote = separator["quote"]
    if quote:
        close = _closing(text, first, quote)
        if close >= 0:
            return close
    rest = _REST_OF_LINE.match(text, first) if level == ANY and _starts_line(text, start) else None
    if rest and not _MORE_FOLLOWS.search(rest.group()):
        return first + len(rest.group().rstrip().rstrip(","))
    found = _BARE.match(text, first)
    return trimmed(text, first, found.end()) if found else first


_MORE_FOLLOWS = re.compile(r"\s(?:[\w.-]+[=:]|is |was |has |for |from |to |#|\|)|[;&<>{}`]|\\n|, ")


def _starts_line(text: str, start: int) -> bool:
    """Whether a name is the first on its line (after `export`, a dash or a quote): then the line is its value."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 80) : start]
    return line.strip(" \t-\"'") in {"", "export", "set", "env", "ENV", "-e", "Environment="}


def _closing(text: str, first: int, quote: str) -> int:
    """Where the quoted value that starts at `first` ends; -1 where it does not end within reason."""
    at = text.find(quote, first, first + 8192)
    while at > first and len(quote) == 1 and text[at - 1] == "\\":
        at = text.find(quote, at + 1, first + 8192)
    return at


def trimmed(text: str, first: int, last: int) -> int:
    """Cut an unquoted value where the notation around it goes on: `a=1&b=2`, `a=1;`, `(a=1)`, `\\n`."""
    value = text[first:last]
    for mark in ("&", ";", "\\n", "\\r", "\\t", ","):
        cut = value.find(mark, 4)
        if cut >= 0:
            value = value[:cut]
    while len(value) > 1 and value[-1] in ",;)}]\\":
        value = value[:-1]
    return first + len(value)


_OBJECT_NAME = re.compile(r"[a-z]+[a-z0-9]{0,20}(?:-[a-z0-9]{1,24})+")
"""`secret: shop-db` names a Kubernetes object."""


def is_secret_value(value: str, level: int) -> bool:
    """Whether a value can be a secret: no reference, no placeholder, no plain word where the name is weak."""
    if len(value) < 3 or _REFERENCE.match(value) or is_placeholder(value):
        return False
    if level == RANDOM:
        return looks_random(value)
    if level == OBJECT and _OBJECT_NAME.fullmatch(value):
        return False
    if level == MACHINE_MADE:
        return looks_made(value)
    return not (value.isdigit() and len(value) < 6) and not value.startswith(("/", "./", "~/", "kubernetes.io/"))
