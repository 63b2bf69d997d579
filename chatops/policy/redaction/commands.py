"""Which secrets do command lines, SQL and a few fixed notations give away?

One row per tool: the literal that has to be near, and the pattern of the flag or place whose value is a
password. Long flags (`--password`) need no row: their name says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatops.policy.redaction.encodings import plain_letters
from chatops.policy.redaction.names import is_secret_value, looks_made, looks_random
from chatops.policy.redaction.prefilter import Literals, Prefilter, View
from chatops.policy.redaction.spans import CREDENTIAL, Span, positions
from chatops.policy.redaction.vocabulary import RANDOM, strength

_SHORT_HEADER = re.compile(
    r"(?:-H|--header)[ =]*[\"'](?:[\w-]*(?:key|token|auth)[\w-]*):[ \t]*(?P<value>[^\s\"']{6,})", re.IGNORECASE
)
_CURL_USER = re.compile(
    r"[ \t\n\r](?:-u|--user|--proxy-user)(?:=|[ \t]{0,5})"
    r"(?P<value>\"[^\"\n]*\":\"[^\"\n]*\"|\"[^\"\n]+\"|'[^'\n]+'|[\w$@.{}-]*:(?:\"[^\"\n]+\"|'[^'\n]+'|[^\s\"']+))"
)
_NETRC = re.compile(r"\blogin\s+\S+\s+password[ \t]+(?P<value>\S{3,})")
_VALUE = r"""["']?(?P<value>[^\s"']{3,})"""
_LINE = r"[^\n|;]{0,200}?[ \t]"
TOOLS: tuple[tuple[str, str], ...] = (
    ("mysql", rf"\bmysql(?:dump|admin|import|show|check)?\b{_LINE}-p"),
    ("mariadb", rf"\bmariadb(?:-\w+)?\b{_LINE}-p"),
    ("sshpass", r"\bsshpass[ \t]+-p[ \t]*"),
    ("redis-cli", rf"\bredis-cli\b{_LINE}-a[ \t]+"),
    ("valkey-cli", rf"\bvalkey-cli\b{_LINE}-a[ \t]+"),
    (
        "login",
        rf"\b(?:docker|podman|helm registry|oras|crane auth|skopeo|az|oc|ibmcloud|cf)[ \t]+login\b{_LINE}-p[ \t]+",
    ),
    ("-pass", r"-pass(?:in|out)?[ \t]+pass:"),
    ("ldap", rf"\bldap(?:search|modify|add|delete|whoami|passwd)\b{_LINE}-w[ \t]+"),
    ("mongo", rf"\bmongo(?:sh|dump|restore|export|import|stat)?\b{_LINE}-p[ \t]+"),
    ("cqlsh", rf"\bcqlsh\b{_LINE}-p[ \t]+"),
    ("sqlcmd", rf"\bsqlcmd\b{_LINE}-P[ \t]+"),
    ("bcp", rf"\bbcp\b{_LINE}-P[ \t]+"),
    ("smbclient", r"\bsmbclient\b[^\n|;]{0,200}?-U[ \t]*[\w.\\/-]+%"),
    ("htpasswd", r"\bhtpasswd[ \t]+(?:-\w+[ \t]+)*-\w*b\w*[ \t]+\S+[ \t]+\S+[ \t]+"),
    (
        "rabbitmqctl",
        r"\brabbitmqctl[ \t]+(?:-\w+[ \t]+\S+[ \t]+)*(?:add_user|change_password|authenticate_user)[ \t]+\S+[ \t]+",
    ),
    ("net use", r"\bnet use\b[^\n]{0,200}?/user:\S+[ \t]+"),
    ("mc alias set", r"\bmc alias set[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+"),
    ("plink", rf"\bplink\b{_LINE}-pw[ \t]+"),
    ("snmp", rf"\bsnmp\w+\b{_LINE}-[AX][ \t]+"),
    ("freerdp", r"\bx?freerdp\b[^\n]{0,200}?/p:"),
    ("vault login", r"\bvault login[ \t]+(?!-)"),
    ("sqlplus", r"\bsqlplus[ \t]+(?:-\w+[ \t]+)*[\w.]+/"),
    ("chpasswd", r"(?:echo|printf)[ \t]+[\"']?[\w.-]+:(?=[^\n|]{3,200}\|[ \t]*(?:sudo[ \t]+)?chpasswd)"),
    ("--password-stdin", r"(?:echo|printf)[ \t]+(?:-\w+[ \t]+)?(?=[^\n|]{3,400}\|[^\n|]{0,200}--password-stdin)"),
    ("convertto-securestring", r"(?i:ConvertTo-SecureString)[ \t]+(?:-String[ \t]+)?"),
    ("ngrok", r"\bngrok[ \t]+(?:config[ \t]+add-)?authtoken[ \t]+"),
    ("vault operator", r"\bvault operator unseal[ \t]+(?!-)"),
)
"""What is near, and what stands directly before a password."""

_ROWS = tuple((literal, re.compile(before + _VALUE)) for literal, before in TOOLS)

_TOLD = re.compile(
    r"\b(?:(?:with|using|wrong|bad)[ \t]+(?:password|passphrase|passwd|pwd)[ \t:]+"
    r"|(?:password|passphrase|passwd|pwd|secret|token)(?:[ \t]+(?:for|of)[ \t]+[\w.@'\"-]+(?:[ \t]+[\w.@'\"-]+)?)?"
    r"[ \t]+(?:(?:(?:was|is|been)[ \t]+)?(?:(?:re)?set|changed)[ \t](?:to|from)|is|was)[ \t:]+"
    r"|(?P<loose>(?:password|secret|token)[ \t]+(?:for|of)[ \t]+[\w.@'\"-]+:[ \t]+"
    r"|(?:use|using|with)[ \t]+(?:token|key|secret)[ \t:]+|credentials?[ \t]+[\w.@-]+:))"
    r"(?P<quote>[\"'`])?(?P<value>[^\s\"'`]{6,})",
    re.IGNORECASE,
)
_ABROAD = (
    *("mot de passe", "contraseña", "contrasena", "пароль", "密码", "密碼", "パスワード", "비밀번호", "hasło", "heslo"),
    *("lösenord", "wachtwoord", "salasana", "şifre", "parola", "κωδικός", "סיסמה", "كلمة المرور", "पासवर्ड", "mật khẩu"),
)
"""What passwords are called elsewhere; as assignments only, because a prose of theirs is not judged here."""
_TOLD_ABROAD = re.compile(
    rf"(?:{'|'.join(map(plain_letters, _ABROAD))})[\"'`]?[ \t]*[:=][ \t]*[\"'`]?(?P<value>[^\s\"'`]{{6,}})",
    re.IGNORECASE,
)
_UNSEAL = re.compile(r"(?:unseal|recovery) key(?:[ \t]\d+)?:[ \t]*(?P<value>[A-Za-z0-9+/=]{20,})", re.IGNORECASE)
_DIGEST = re.compile(r"""\bdigest\b[^\n]{0,400}?\bresponse=["']?(?P<value>[0-9a-f]{32,})""", re.IGNORECASE)
_SIGNED = re.compile(
    r"(?:^|[?&;\s])(?:x-(?:amz|goog)-(?:signature|security-token)|signature|sig)=(?P<value>[^\s&\"'<>;]{16,})", re.I
)
_SAML = re.compile(r"\b(?:SAMLResponse|client_assertion|assertion)=(?P<value>[\w%+/=.-]{40,})", re.IGNORECASE)
_ANSIBLE = re.compile(
    r"\$ANSIBLE_VAULT;[\d.]+;AES256(?:;[\w.-]+)?[ \t]*\r?\n(?P<value>(?:[ \t]*[0-9a-f]+[ \t]*(?:\r?\n|\Z))+)"
)
_PGPASS = re.compile(r"(?:^|(?<=\n))[\w.*-]+:(?:\d{4,5}|\*):[\w*-]+:[\w.*@-]+:(?P<value>[^\s:]{6,})(?=\s|\Z)")
_JOIN = re.compile(r"--token[= ](?P<value>[a-z0-9]{6}\.[a-z0-9]{16})\b")
_ELEMENT = re.compile(
    r"""<(?P<tag>[\w:.-]+)[ \t](?:[^<>]{0,200}?\b(?:name|key|id)=["'](?P<name>[\w.-]+)["'])?[^<>]{0,200}>
    [ \t]*(?P<value>[^<>\n]{3,512}?)[ \t]*</""",
    re.VERBOSE,
)
_SQL = re.compile(
    r"\b(?:identified[ \t]+(?:with[ \t]+\S+[ \t]+)?by|password)[ \t]+(?P<quote>['\"])(?P<value>[^'\"\n]{3,})(?P=quote)",
    re.IGNORECASE,
)


def values(pattern: re.Pattern[str], text: str, group: str = "value") -> Iterator[Span]:
    """The values that a pattern finds anywhere, as far as they can be secrets."""
    for found in pattern.finditer(text):
        if is_secret_value(found[group], 2):
            yield Span(*found.span(group), CREDENTIAL)


def near(
    pattern: re.Pattern[str], view: View, literal: str, reach: int = 1024, back: int = 0
) -> Iterator[re.Match[str]]:
    """Matches of a pattern in the neighbourhood of a literal: what makes a rare rule cost next to nothing."""
    last = 0
    for at in positions(view.lower, literal):
        start = max(last, at - back)
        for found in pattern.finditer(view.text, start, min(len(view.text), at + reach)):
            last = found.end()
            yield found


def near_values(pattern: re.Pattern[str], view: View, *literals: str, back: int = 0) -> Iterator[Span]:
    """The values that a pattern finds near one of the literals, as far as they can be secrets."""
    for literal in literals:
        for found in near(pattern, view, literal, back=back):
            if is_secret_value(found["value"], 2) and found["value"].lower() not in _SCHEMES:
                yield Span(*found.span("value"), CREDENTIAL)


_SCHEMES = frozenset(
    [
        *("bearer", "basic", "token", "digest", "apikey", "negotiate", "ntlm", "hawk", "oauth"),
        *("aws4-hmac-sha256", "sharedaccesssignature"),
    ]
)


_CURL_WORDS = ("curl", "--user", "--proxy-user")
_NEAR: tuple[tuple[re.Pattern[str], tuple[str, ...], int], ...] = (
    (_SHORT_HEADER, ("curl", "--header"), 0),
    (_NETRC, ("login ", "login\t"), 0),
    (_SQL, ("identified", "password '", 'password "'), 0),
    *(
        (pattern, (literal,), 200 if literal in {"login", "-pass", "chpasswd", "--password-stdin"} else 2)
        for literal, pattern in _ROWS
    ),
    (_SIGNED, ("sig=", "signature=", "security-token="), 32),
    (_DIGEST, ("digest",), 0),
    (_UNSEAL, ("unseal key", "recovery key"), 0),
    (_JOIN, ("--token",), 0),
    (_SAML, ("samlresponse=", "assertion="), 8),
    (_ANSIBLE, ("$ansible_vault",), 0),
)
"""Pattern, the words one of which is near, and how far before the word the pattern may begin."""

_SAID = re.compile(r"(?<![\w.-])(?:AUTH|PASS)[ \t]+(?:[\w.-]+[ \t]+)?(?P<value>[^\s\"'\\]{10,})")
"""What Redis, SMTP and FTP are told."""

_WORDS = Literals({*_CURL_WORDS, *(word for _, words, _ in _NEAR for word in words)})
_PGPASS_AT = Prefilter([_PGPASS.pattern])
_TOLD_AT = Prefilter([f"(?i:{_TOLD.pattern})", r"(?:AUTH|PASS) "])
_ABROAD_AT = Prefilter([f"{re.escape(name)}[\"'`]? *[:=]" for name in _ABROAD if name.isascii()], ignore_case=True)


def command_lines(view: View) -> Iterator[Span]:
    """Passwords given to command-line tools, in `.netrc`, in SQL, in signed addresses and HTTP digests."""
    there = _WORDS(view.data)
    for literal in there & frozenset(_CURL_WORDS):
        for found in near(_CURL_USER, view, literal, reach=2048, back=1):
            yield from _curl_user(found)
    for pattern, words, back in _NEAR if there else ():
        yield from near_values(pattern, view, *there.intersection(words), back=back)


def notations(view: View) -> Iterator[Span]:
    """Elements with attributes, `.pgpass`, and passwords that are told in words."""
    yield from _told(view)
    if not view.text.isascii() or next(_ABROAD_AT(view.data), None):
        yield from values(_TOLD_ABROAD, view.text)
    for start, _ in _PGPASS_AT(view.data):
        found = _PGPASS.match(view.text, start)
        if found and not found["value"].islower() and is_secret_value(found["value"], 2):
            yield Span(*found.span("value"), CREDENTIAL)
    if "</" in view.text and "=" in view.text:
        yield from _elements(view.text)


def _told(view: View) -> Iterator[Span]:
    """`the password is x7Gh…`: a quoted word, or one with a digit in it."""
    for start, _ in _TOLD_AT(view.data):
        said = _SAID.match(view.text, start)
        if said and is_secret_value(said["value"], RANDOM):
            yield Span(*said.span("value"), CREDENTIAL)
        found = _TOLD.match(view.text, start)
        if found is None:
            continue
        value = found["value"].rstrip(".,;:!?)")
        if found["loose"] and not (len(value) >= 16 and looks_random(value)):
            continue
        marked = found["quote"] or (any(c.isdigit() for c in value) and any(c.isalpha() for c in value))
        if marked and is_secret_value(value, 2):
            yield Span(found.start("value"), found.start("value") + len(value), CREDENTIAL)


def _elements(text: str) -> Iterator[Span]:
    """`<password encrypted="no">…</password>` and `<entry key="password">…</entry>`."""
    for found in _ELEMENT.finditer(text):
        level = strength(found["name"] or found["tag"])
        if level and is_secret_value(found["value"], level):
            yield Span(*found.span("value"), CREDENTIAL)


_VARIABLE = re.compile(
    r"""["'{]*\$|[<\[]|["']*(?:x+|user|username|test|user\w*):(?:y+|pass|password|token|test)?\b["']*$""", re.IGNORECASE
)


def _curl_user(found: re.Match[str]) -> Iterator[Span]:
    value, start = found["value"], found.start("value")
    inner = value.strip("\"'")
    user, colon, password = (part.strip("\"'") for part in inner.partition(":"))
    if not colon or len(inner) < 4 or _VARIABLE.match(value) or password.startswith(("$", "<", "[", "{{")):
        return
    if looks_made(user) or not password:
        yield Span(start + value.index(inner), start + value.index(inner) + len(inner), CREDENTIAL)
    else:
        yield Span(start + value.rindex(password), start + value.rindex(password) + len(password), CREDENTIAL)
