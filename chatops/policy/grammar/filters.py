"""Which programs only pass text on: what may stand behind a pipe?

A filter reads its standard input (or files) and writes its standard output. The rows say which flags
are known; awk and sed are little languages and are read as such.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatops.policy.grammar.model import Judgement, abbreviates, read, reveals, unknown, words, writes

SECRET_FILES = re.compile(
    r"(?:/etc/(?:shadow|gshadow|sudoers|ssl/private)|/proc/[^/]+/environ|(?:^|/)\.(?:ssh|aws|kube|gnupg|docker|netrc|pgpass|npmrc|pypirc|"
    r"git-credentials|vault-token|env)(?:/|$|\.)|id_(?:rsa|ed25519|ecdsa|dsa)(?!\.pub)|\.(?:pem|key|p12|pfx|jks|kdbx|keystore)$|"
    r"(?:^|/)(?:secrets?|credentials?|passwords?|kubeconfig|admin\.conf)(?:[./]|$)|/run/secrets|serviceaccount/token|^/dev/)",
    re.IGNORECASE,
)


_ABOVE = re.compile(
    r"(?:(?:\.\.)(?:/\.\.)*|~.*|/|/(?:etc|root|run|var|opt|srv|mnt)|/home(?:/[^/]+)?|/proc(?:/.*)?|/var/(?:run|lib)(?:/kubelet.*)?)/?"
)
"""Directories below which secrets lie: nothing may be read from all of them at once."""


def reveals_file(path: str) -> bool:
    """Whether a file may hold secrets, however its path is written (`/etc/../etc//shadow`)."""
    return bool(
        SECRET_FILES.search(path) or SECRET_FILES.search(posixpath.normpath("/" + path if path[:1] == "/" else path))
    )


@dataclass(frozen=True)
class Filter:
    """A filter: flags that take a value, flags that do not, and flags that write or run something."""

    values: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    pattern: int = 0
    """How many of the words are patterns or programs, the others being files."""


FILTERS: dict[str, Filter] = {
    "grep": Filter(
        words("-e -f -m -A -B -C --include --exclude --exclude-dir --color --max-count --regexp --context"), pattern=1
    ),
    "egrep": Filter(words("-e -m -A -B -C"), pattern=1),
    "fgrep": Filter(words("-e -m -A -B -C"), pattern=1),
    "zgrep": Filter(words("-e -m -A -B -C"), pattern=1),
    "rg": Filter(words("-e -m -A -B -C -g -t -T"), words("--pre --pre-glob --hostname-bin --search-zip -z"), pattern=1),
    "head": Filter(words("-n -c --lines --bytes")),
    "tail": Filter(words("-n -c --lines --bytes --pid -s")),
    "sort": Filter(
        words("-k -t -S --key --field-separator"),
        words("-o --output --compress-program -T --temporary-directory --files0-from"),
    ),
    "uniq": Filter(words("-f -s -w")),
    "wc": Filter(frozenset(), words("--files0-from")),
    "cut": Filter(words("-d -f -c -b --delimiter --fields --characters --output-delimiter")),
    "tr": Filter(pattern=2),
    "column": Filter(words("-s -c -N -H -o -O -R -T")),
    "nl": Filter(words("-b -w -s -v -i")),
    "cat": Filter(),
    "tac": Filter(),
    "zcat": Filter(),
    "bzcat": Filter(),
    "xzcat": Filter(),
    "yq": Filter(
        words("-o --output-format -p --input-format -I --indent --arg"),
        words(
            "-i --inplace --in-place -s --split-exp --split-exp-file --from-file -f --front-matter "
            "--enable-system-operator"
        ),
        pattern=1,
    ),
    "rev": Filter(),
    "fold": Filter(words("-w")),
    "paste": Filter(words("-d")),
    "comm": Filter(),
    "diff": Filter(words("-U -C -I -x --label --color"), words("--from-file --to-file -o --output")),
    "jq": Filter(
        words("--arg --argjson --indent --rawfile --slurpfile"),
        words("-f --from-file -L --library-path --run-tests --rawfile --slurpfile"),
        pattern=1,
    ),
    "base64": Filter(words("-w --wrap")),
    "md5sum": Filter(),
    "sha256sum": Filter(),
    "sha1sum": Filter(),
    "cksum": Filter(),
    "strings": Filter(words("-n -t -e")),
    "hexdump": Filter(words("-n -s -e"), words("-f")),
    "od": Filter(words("-A -t -N -j -w")),
    "seq": Filter(words("-s -f"), pattern=9),
    "echo": Filter(pattern=999),
    "printf": Filter(frozenset(), words("-v"), pattern=999),
    "numfmt": Filter(words("--to --from --field --padding --suffix")),
    "date": Filter(words("-d --date -r"), words("-s --set -f --file")),
}

_AWK_BAD = re.compile(r"system|getline|@|close|fflush|inet|ENVIRON|PROCINFO|ARG[CV]|load")
_AWK_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[\s\S]')
_AWK_REGEX = re.compile(r"/(?:[^/\\\n]|\\.)+/")
_SED_ADDRESS = r"(?:(?:\d+|\$|/(?:[^/\\\n]|\\.)*/I?)(?:,(?:\+?\d+|\$|/(?:[^/\\\n]|\\.)*/I?))?!?\s*)?"
_SED_COMMAND = re.compile(
    _SED_ADDRESS + r"(?:s(?P<d>[/|#,:@_])(?:(?!(?P=d))[^\\\n]|\\.)*(?P=d)(?:(?!(?P=d))[^\\\n]|\\.)*(?P=d)[gpiI\d]*"
    r"|[pdqDPhHgGxnN=]|q\d+|y/(?:[^/\\\n]|\\.)*/(?:[^/\\\n]|\\.)*/)"
)


def judge_filter(name: str, args: Sequence[str]) -> Judgement:
    """Judge a filter's arguments."""
    if name in {"awk", "gawk", "mawk"}:
        return _awk(args)
    if name == "sed":
        return _sed(args)
    if name == "find":
        return _find(args)
    return _plain(name, FILTERS[name], args)


def is_filter(name: str) -> bool:
    """Whether a program is known as a filter."""
    return name in FILTERS or name in {"awk", "gawk", "mawk", "sed", "find"}


def _plain(name: str, row: Filter, args: Sequence[str]) -> Judgement:
    files, patterns = _sorted(row, args)
    if files is None:
        return unknown(f"{patterns[0]} of {name} does more than pass text on")
    deep = name == "rg" or any(re.match(r"-[a-zA-Z]*[rR]|--(?:dereference-)?rec|-d$|--directories", a) for a in args)
    if deep and not any(map(reveals_file, files)) and any(_ABOVE.fullmatch(posixpath.normpath(f)) for f in files):
        return reveals("secrets lie below that directory")
    if name == "uniq" and len(files) > 1:
        return writes("the second file of uniq is written to")
    if name == "date" and any(not f.startswith("+") for f in files):
        return writes("sets the date")
    if name == "yq":
        return _yq(patterns, files)
    if name == "jq" and any(
        re.search(r"\benv\b|\$ENV|\binput_filename\b|\$__prog|\binclude\b|\bimport\b", p) for p in patterns
    ):
        return unknown("the jq program reads the environment or other files")
    return _files(name, files)


def _yq(patterns: Sequence[str], files: Sequence[str]) -> Judgement:
    """yq's expression; `eval` before it is a word of its own."""
    found = [*patterns, *files]
    if found[:1] in (["eval"], ["e"], ["eval-all"], ["ea"]):
        found = found[1:]
    if any(
        re.search(r"\b(?:env|strenv|envsubst|load\w*|system|eval|input_filename|filename)\b|\$ENV", e)
        for e in found[:1]
    ):
        return unknown("the yq expression reads the environment or other files, or runs something")
    return _files("yq", found[1:])


def _sorted(row: Filter, args: Sequence[str]) -> tuple[list[str] | None, list[str]]:
    """The files and the patterns among the arguments; None and the flag where a flag is refused."""
    found: list[str] = []
    patterns: list[str] = []
    files: list[str] = []
    rest = iter(args)
    for argument in rest:
        if argument == "--":
            found.extend(rest)
        elif argument.startswith("-") and len(argument) > 1:
            if argument.partition("=")[0] in row.refused or _cluster_hides(row, argument):
                return None, [argument[:20]]
            if argument in _TWO_VALUES:
                next(rest, "")
            if argument in row.values:
                value = next(rest, "")
                files += [value] if argument == "-f" else []
                patterns += [value] if argument in {"-e", "--regexp"} else []
        else:
            found.append(argument)
    taken = 0 if patterns or files else row.pattern
    return files + found[taken:], patterns + found[:taken]


_TWO_VALUES = words("--arg --argjson")
"""Flags of jq that take a name and a value: what follows them is the program."""


def _cluster_hides(row: Filter, argument: str) -> bool:
    """Whether `-nro` holds a refused short flag before one that takes the rest as its value; `--o` is `--output`."""
    if argument.startswith("--"):
        return abbreviates(argument.partition("=")[0], row.refused)
    for letter in argument[1:]:
        if "-" + letter in row.refused:
            return True
        if "-" + letter in row.values:
            return False
    return False


def _files(name: str, files: Sequence[str]) -> Judgement:
    secret = next((f for f in files if reveals_file(f)), "")
    if secret:
        return reveals(f"{secret[:60]} may hold secrets")
    return read(f"{name} only passes text on" if not files else f"{name} reads files")


def _awk(args: Sequence[str]) -> Judgement:
    program, files, rest = "", [], iter(args)
    for argument in rest:
        if argument in {"-F", "-v", "--field-separator", "--assign"}:
            next(rest, "")
        elif re.match(r"-F.|-v\w+=|--(?:field-separator|assign)=|-$", argument):
            continue
        elif argument.startswith("-"):
            return unknown(f"nothing is known of awk's {argument[:20]}")
        elif not program:
            program = argument
        else:
            files.append(argument)
    if _AWK_BAD.search(program) or _awk_redirects(program):
        return unknown("the awk program writes, runs or reads something else")
    return _files("awk", [f for f in files if not re.match(r"\w+=", f)]) if program else unknown("no awk program")


def _awk_redirects(program: str) -> bool:
    """Whether the program holds a pipe, or a `>` that may be a redirection (inside braces, outside brackets)."""
    braces = brackets = at = 0
    before = "("
    program = program.replace("||", " && ")
    while at < len(program):
        regex = _AWK_REGEX.match(program, at) if before in "(,~!{;&" else None
        piece = regex.group() if regex else _AWK_PIECE.match(program, at).group()  # type: ignore[union-attr]
        at += len(piece)
        braces += (piece == "{") - (piece == "}")
        brackets += (piece == "(") - (piece == ")")
        if piece == "|" or (piece == ">" and braces and not brackets):
            return True
        before = piece if not piece.isspace() else before
    return False


def _sed(args: Sequence[str]) -> Judgement:
    scripts: list[str] = []
    files: list[str] = []
    rest = iter(args)
    for argument in rest:
        if argument in {"-e", "--expression"}:
            scripts.append(next(rest, ""))
        elif argument in {
            "-n",
            "-E",
            "-r",
            "-u",
            "-z",
            "-s",
            "--quiet",
            "--silent",
            "-nE",
            "-nr",
            "-En",
            "-rn",
            "--posix",
            "--sandbox",
        }:
            continue
        elif argument.startswith("-") and len(argument) > 1:
            return (
                writes("sed -i changes files")
                if re.match(r"-\w*i|--in-place", argument)
                else unknown(f"nothing is known of sed's {argument[:20]}")
            )
        elif not scripts:
            scripts.append(argument)
        else:
            files.append(argument)
    parts = [part.strip() for script in scripts for part in re.split(r"[;\n]", script)] if _splits(scripts) else scripts
    if not parts or any(part and not _SED_COMMAND.fullmatch(part) for part in parts):
        return unknown("the sed script is not made of commands that only print and replace")
    return _files("sed", files)


def _splits(scripts: Sequence[str]) -> bool:
    return not all(_SED_COMMAND.fullmatch(script.strip()) for script in scripts)


_FIND_TESTS = words(
    "-name -iname -path -ipath -type -size -mtime -mmin -atime -amin -ctime -cmin -newer "
    "-user -group -perm -maxdepth "
    "-mindepth -regex -iregex -regextype -printf -links -inum -samefile -newermt"
)
_FIND_ACTIONS = words(
    "-print -print0 -ls -prune -o -or -a -and -not ! ( ) -empty -xdev -mount -depth -L -H -P "
    "-follow -readable -writable -executable -daystart -quit -true -false"
)


def _find(args: Sequence[str]) -> Judgement:
    rest = iter(args)
    for argument in rest:
        if argument in _FIND_TESTS:
            next(rest, "")
        elif argument.startswith("-") and argument not in _FIND_ACTIONS:
            return unknown(f"{argument[:20]} of find does more than look")
    return read("find only looks")
