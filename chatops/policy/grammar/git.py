"""Which git commands only read the repository?

Git runs programs from its configuration (pagers, external diffs, aliases, hooks); with `-c` and the like
a command could bring its own, so global options are limited to those that do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.filters import reveals_file
from chatops.policy.grammar.model import Judgement, abbreviates, read, reveals, unknown, words, writes

READS = words(
    "status log diff show blame annotate shortlog describe rev-parse rev-list ls-files ls-tree cat-file name-rev "
    "merge-base show-ref for-each-ref whatchanged grep count-objects verify-commit "
    "verify-tag cherry range-diff version "
    "check-ignore check-attr var diff-tree diff-index diff-files show-branch fsck help ls-remote"
)
_LISTING = {
    "branch": words(
        "-a --all -r --remotes -v -vv --list -l --show-current --contains --merged --no-merged "
        "--sort --format --no-color --points-at"
    ),
    "tag": words("-l --list -n --contains --sort --merged --points-at --format"),
    "remote": words("-v --verbose"),
}
_SECOND = {
    "stash": words("list show"),
    "remote": words("show get-url"),
    "worktree": words("list"),
    "submodule": words("status summary"),
    "notes": words("list show"),
    "reflog": words("show exists"),
    "bisect": words("log view"),
    "lfs": words("ls-files status env version"),
}
_WRITES = words(
    "add commit push pull fetch merge rebase reset revert checkout switch restore clean rm "
    "mv stash branch tag remote "
    "init clone cherry-pick am apply gc prune filter-branch filter-repo update-ref worktree "
    "submodule notes replace config "
    "bisect reflog symbolic-ref update-index write-tree read-tree commit-tree repack "
    "pack-refs lfs svn p4 mergetool difftool "
    "rerere sparse-checkout maintenance format-patch archive bundle send-email instaweb daemon credential hash-object"
)
_BAD = re.compile(
    r"--(?:output|ext-diff|textconv|upload-pack|exec|open-files-in-pager|contents|no-index|receive-pack|filters|batch)\b|-O"
)
_LONG = words(
    "--output --ext-diff --textconv --upload-pack --exec --open-files-in-pager --contents --no-index --receive-pack "
    "--filters --batch"
)


def _bad(argument: str) -> bool:
    """Whether a flag, or what it is short for, writes a file or runs a program."""
    name = argument.partition("=")[0]
    return bool(_BAD.match(argument)) or (name not in {"--text", "--filter"} and abbreviates(name, _LONG))


_LOOKING = {
    "commit": words("--dry-run"),
    "rebase": words("--show-current-patch"),
    "am": words("--show-current-patch"),
    "apply": words("--check --stat --numstat --summary"),
    "bundle": words("verify list-heads"),
}
"""Words with which a changing command only looks."""

_UNDOES = words(
    "--apply --index --cached --interactive -i -p --patch --continue --abort --skip --quit create "
    "unbundle --no-dry-run --no-check --no-stat"
)


def judge_git(args: Sequence[str]) -> Judgement:
    """Judge the arguments of git."""
    rest = list(args)
    while rest and rest[0] in {"-C", "--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs"}:
        rest = rest[2:] if rest[0] == "-C" else rest[1:]
    if not rest or rest[0] in {"--version", "--help", "-h"}:
        return read("prints help")
    verb, others = rest[0], rest[1:]
    if verb.startswith("-"):
        return unknown(f"{verb[:20]} may bring a configuration of its own, which may run programs")
    if (
        verb in words("clean add rm fetch")
        and not any(map(_bad, others))
        and _only_tried(others, short=verb != "fetch")
    ):
        return read(f"git {verb} only says what it would do")
    if verb == "config":
        return _config(others)
    if verb in _LOOKING and _LOOKING[verb] & set(others) and not _UNDOES & {a.partition("=")[0] for a in others}:
        return read(f"git {verb} with {min(_LOOKING[verb] & set(others))} changes nothing")
    if any(map(_bad, others)):
        return unknown("writes a file or runs a program")
    return _by_verb(verb, others)


def _by_verb(verb: str, others: Sequence[str]) -> Judgement:
    if verb == "ls-remote" and any(":" in a or a.startswith("-u") for a in others):
        return unknown("the address is the command's own, or runs a helper program")
    if verb == "help" and any(re.match(r"--w|-\w*w", a) for a in others):
        return unknown("may open a browser")
    if any(reveals_file(a.rpartition(":")[2]) for a in others if not a.startswith("-")):
        return reveals("the file may hold secrets")
    if verb in READS and not (verb == "fsck" and any(abbreviates(a, ["--lost-found"]) for a in others)):
        return read(f"git {verb} only reads")
    if verb in _LISTING and all(a.partition("=")[0] in _LISTING[verb] for a in others if a.startswith("-")):
        listing = any(a.startswith("-") for a in others) or not others
        if listing:
            return read(f"git {verb} lists")
    if verb in _SECOND and others and others[0] in _SECOND[verb]:
        return read(f"git {verb} {others[0]} only reads")
    if verb == "reflog" and not others:
        return read("git reflog only reads")
    return (
        writes(f"git {verb} changes the repository")
        if verb in _WRITES
        else unknown(f"{verb[:30]!r} may be an alias, which may run anything")
    )


def _only_tried(others: Sequence[str], short: bool) -> bool:
    """Whether `--dry-run` or `-n` is given (of fetch, `-n` means no tags), and nothing takes it back."""
    tried = any(a == "--dry-run" or (short and re.fullmatch(r"-[a-zA-Z]*n[a-zA-Z]*", a)) for a in others)
    return tried and "--" not in others and not any(a.startswith("--no-d") for a in others)


def _config(others: Sequence[str]) -> Judgement:
    if (others and others[0] in words("--get --get-all --get-regexp list get")) or set(others) & words("-l --list"):
        secret = any(re.search(r"credential|token|password|extraheader", a, re.IGNORECASE) for a in others)
        return reveals("the setting is a secret") if secret else read("git config only reads")
    return writes("git config changes settings")
