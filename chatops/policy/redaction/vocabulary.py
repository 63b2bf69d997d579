"""How much does a name say about its value: is any a secret, only one that a machine made, or none?

A name is split into words (`fooBarToken` → foo bar token) and judged by them: strong names make any value a secret,
weak ones only a value that looks random. Names that end in what is said *about* a secret (`secretName`,
`tokenExpirationSeconds`) are none.
"""

from __future__ import annotations

import re
from functools import lru_cache

KEYWORDS = (
    *(
        "pass",
        "pwd",
        "pswd",
        "psw",
        "pw",
        "senha",
        "kennwort",
        "secret",
        "token",
        "key",
        "credential",
        "creds",
        "auth",
        "cookie",
    ),
    *("signature", "session", "license", "salt", "webhook", "contribsys", "dsn", "otp", "jwt"),
    *("accessid", "access_id", "access.id", "access-id", "clientid", "client_id", "sonar_login", "sonar.login"),
)
"""One of these stands in every sensitive name; they are looked for first, because that is fast."""


def _set(words: str, by: str | None = None) -> frozenset[str]:
    return frozenset(words.split(by))


STRONG = _set(
    "password passwd passwort passphrase pwd pswd psw pw pass senha kennwort "
    "secret token apikey apitoken authtoken accesstoken privatekey "
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
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


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
    *([each, "key"] for each in ("ingestion", "ingest", "agent", "write", "setup", "sdk", "join")),
)
"""Names that also stand for a plain name (of a secret, of a queue): a value made by a machine is a login."""


def _pairs(words: list[str]) -> bool:
    return " ".join(words) in STRONG_PAIRS
