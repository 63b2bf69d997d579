"""How is a command judged that is made of nouns, a verb and flags?

Most tools are (`fastly domain list --name x`). The rule that keeps it safe: the verb is the first word
that is one, and a flag may only stand before it when it is known whether it takes a value - otherwise
`tool --flag list delete x` would pass as a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatops.policy.grammar.model import (
    SECRETS,
    WRITES,
    Judgement,
    Tool,
    Verdict,
    abbreviates,
    read,
    reveals,
    split_flag,
    unknown,
    words,
    writes,
)

READ_VERBS = words(
    "list ls get describe show info status view search find inspect stat stats history version whoami diff validate "
    "lint check explain top tree count logs log tail events health ping lookup du exists who-am-i search-all "
    "list-all describe-all ps display preview metrics usage audit report summary resolve head retrieve diagnose"
)
WRITE_VERBS = words(
    "create delete remove rm del update put set unset add apply patch edit replace import "
    "restore rollback start stop "
    "restart kill purge flush reset enable disable archive unarchive activate deactivate deploy undeploy publish "
    "unpublish push pull clone install uninstall upgrade scale run exec destroy drop truncate insert upsert move mv "
    "copy cp rename attach detach bind unbind link unlink register unregister deregister approve reject cancel abort "
    "retry rerun trigger invoke call send write upload sync mirror promote demote failover "
    "rotate revoke renew regenerate "
    "roll lock unlock suspend resume pause unpause drain cordon uncordon taint annotate untag grant deny allow "
    "login logout configure init setup build migrate merge commit rebase checkout switch new "
    "generate clear clean cleanup prune gc compact repair fix recreate rebuild reload refresh reconcile evict forget "
    "join leave change modify alter transfer assign unassign mute unmute ack acknowledge snooze close open reopen "
    "terminate reboot shutdown poweroff wipe erase format mount umount seed load save dump "
    "export download fetch eject dev serve "
    "server daemon proxy tunnel forward ssh shell console repl eval script test bench "
    "edit-secret encrypt decrypt sign"
    " use select swap expire empty undo redo apply-changes accept decline invite ban unban block unblock"
)
EITHER = words("config context auth release tag label session build")
"""Nouns where a reading verb follows them, and verbs that change something where none does."""

NOUNLIKE = words(
    "version versions metrics metric logs log events history report audit usage health stats stat count diff test find"
)
"""Reading words that also name things: where more words follow, one of those is the verb."""

REFUSED = words(
    "--exec --execute --exec-cmd --command --eval --delete --remove --purge --prune --force --force-delete --apply "
    "--fix --write --save --overwrite --output-file --out-file --outfile --export-file "
    "--upload-file --script --shell "
    "--pager --editor --plugin --plugins --hook --pre-hook --post-hook --unmask --reveal "
    "--show-secrets --show-secret "
    "--show-sensitive --with-secrets --plaintext --decrypt --config-file --endpoint-script --auto-approve"
)
"""Flags that make a reading command do more than read, in whatever tool."""

REVEALING = words(
    "secret secrets credential credentials password passwords token tokens apikey apikeys api-key api-keys api_keys "
    "api_key keys access-key access-keys connection-string connection-strings appsettings app-settings kubeconfig"
)
"""Nouns whose objects are secrets; of `secrets` alone a list shows no more than names."""

_SETTINGS = words("env config credentials auth")
"""Before a colon these hold values: `env:get NAME`."""

_NOUN = re.compile(r"[a-z][a-z0-9_:.-]{0,40}", re.ASCII)
_PARTS = re.compile(r"[:_-]")


@dataclass(frozen=True)
class Split:
    """Arguments, sorted: the words, and the flags before and after the first `before` words."""

    words: tuple[str, ...]
    flags: tuple[tuple[str, str | None, int], ...]
    """Name, value where it was written with `=`, and how many words stood before it."""


def split(tool: Tool, args: Sequence[str]) -> Split:
    """Sort arguments into words and flags; a flag of `values` takes the next argument with it."""
    found: list[str] = []
    flags: list[tuple[str, str | None, int]] = []
    rest = iter(args)
    for argument in rest:
        if argument == "--":
            flags.append(("--", None, len(found)))
            found.extend(rest)
            break
        if argument.startswith("-") and len(argument) > 1:
            name, value = split_flag(argument)
            if value is None and name in tool.values:
                value = next(rest, "")
            flags.append((name, value, len(found)))
        else:
            found.append(argument)
    return Split(tuple(found), tuple(flags))


def judge_words(tool: Tool, args: Sequence[str]) -> Judgement:
    """Judge the arguments of a tool by its row."""
    parts = split(tool, args)
    if asks_for_help(args):
        return read("prints help")
    length, judgement = _by_path(tool, parts.words)
    if judgement is None and tool.nouns:
        length, judgement = _by_vocabulary(tool, parts.words)
    if judgement is not None and judgement.verdict == WRITES:
        if not _only_tried(tool, parts, parts.words[:length]):
            return judgement
        judgement = read(f"{' '.join(parts.words[:length])} is only tried")
    if judgement is not None and judgement.verdict == SECRETS:
        path = " ".join(parts.words[:length])
        if any(f"{path} {name}" in tool.names_only for name, _, _ in parts.flags):
            judgement = read(f"{path} shows names only")
    for name, _, _ in parts.flags:
        verdict = refused(tool, name)
        if verdict is not None:
            return verdict
    if judgement is None:
        return _without_verb(tool, parts)
    if tool.strange and any(re.match(tool.strange, each) for each in args):
        return unknown("reads a local file, or fetches from where the command names")
    return _with_flags(tool, parts, length, judgement)


def asks_for_help(args: Sequence[str]) -> bool:
    """Whether all that is asked for is help: `--help` at the end of plain words, or `help` first."""
    if not args or "--" in args:
        return False
    plain = all(_NOUN.fullmatch(a) for a in args[:-1])
    return (args[-1] in {"--help", "help"} and plain) or (args[0] == "help" and all(_NOUN.fullmatch(a) for a in args))


def refused(tool: Tool, name: str) -> Judgement | None:
    """What a flag does to the verdict wherever it stands; None where it does nothing."""
    if name in tool.refused:
        verdict, reason = tool.refused[name]
        return Judgement(verdict, reason)
    if name not in tool.values | tool.switches and abbreviates(name, tool.refused):
        return unknown(f"{name[:30]} is short for a flag that makes it do more than read")
    if name in REFUSED and not (tool.only and name in tool.only):
        return unknown(f"{name} makes it do more than read")
    return None


def _only_tried(tool: Tool, parts: Split, path: Sequence[str]) -> bool:
    """Whether a flag says that nothing is to be changed, and none takes that back."""
    if tool.tries and " ".join(path) not in tool.tries:
        return False
    modes = [value for name, value, _ in parts.flags if name in tool.tried]
    return bool(modes) and all(mode in {None, "", "true", "client", "server"} for mode in modes)


def _by_path(tool: Tool, found: Sequence[str]) -> tuple[int, Judgement | None]:
    for length in range(min(4, len(found)), 0, -1):
        path = " ".join(found[:length])
        if path in tool.secrets:
            return length, reveals(f"{path} prints secrets")
        if path in tool.writing:
            return length, writes(f"{path} changes something")
        if path in tool.reads:
            return length, read(f"{path} only reads")
    return 0, None


def _by_vocabulary(tool: Tool, found: Sequence[str]) -> tuple[int, Judgement | None]:
    for index, word in enumerate(found[:5]):
        if word in tool.things and index + 1 < len(found):
            continue  # a verb follows; alone at the end it is judged as one
        judgement = _by_word(word, found[:index], found[index + 1 :])
        if judgement is not None:
            return index + 1, judgement
        if not _NOUN.fullmatch(word):
            return 0, None
    return 0, None


def _by_word(word: str, nouns: Sequence[str], following: Sequence[str]) -> Judgement | None:
    """What a word does if it is a verb; `get-thing` and `thing-delete` are verbs too."""
    parts = _PARTS.split(word)
    if word in EITHER:
        return None if following and _reads(following[0]) else writes(f"{word} may change something")
    if word in WRITE_VERBS or (len(parts) > 1 and WRITE_VERBS & {parts[0], parts[-1]}):
        return writes(f"{word} changes something")
    if not _reads(word):
        return None
    change = next((each for each in following[:4] if each in WRITE_VERBS), None)
    if change:
        return writes(f"{change} changes something")
    if word in NOUNLIKE and following:
        return None if _reads(following[0]) else unknown(f"nothing is known of {word} {following[0][:30]}")
    shown = (REVEALING | (_SETTINGS if ":" in word else set())) & {*nouns, *parts[1:], *(parts if ":" in word else ())}
    if shown - ({"secret", "secrets"} if parts[0] in {"list", "ls"} else set()):
        return reveals(f"{' '.join([*nouns, word])} prints secrets")
    return read(f"{word} only reads")


def _reads(word: str) -> bool:
    """Whether a word is a verb that reads, alone or with its object: `get-keys`. `log-analytics` is a noun."""
    parts = _PARTS.split(word)
    if len(parts) < 2:
        return word in READ_VERBS
    return parts[0] in READ_VERBS - NOUNLIKE or (":" in word and parts[-1] in READ_VERBS)


def _without_verb(tool: Tool, parts: Split) -> Judgement:
    names = {name for name, _, _ in parts.flags}
    if len(names) == 1 and names <= {"--version", "-V", "-version"} and not parts.words:
        return read("prints the version")
    if tool.alone and not parts.words and not names:
        return read("only prints")
    if names and names <= tool.bare and not parts.words:
        return read("only checks or prints")
    if parts.words and not names and _is_group(tool, parts.words):
        return read("a group of commands alone prints help")
    named = " ".join(parts.words[:2]) or "a call without a verb"
    return unknown(f"nothing is known of {named[:60]!r}")


def _is_group(tool: Tool, found: Sequence[str]) -> bool:
    """Whether the words are the beginning of commands and no command: `deck file`."""
    start = " ".join(found) + " "
    paths = (*tool.reads, *tool.writing, *tool.secrets)
    return not tool.alone and any(p.startswith(start) and p[len(start)] != "-" for p in paths)


def _with_flags(tool: Tool, parts: Split, length: int, judgement: Judgement) -> Judgement:
    for name, value, before in parts.flags:
        known = name in tool.values or name in tool.switches or value is not None
        if before < length and not known:
            return unknown(f"{name} stands before the verb, and it is not known whether it takes a value")
        if tool.only is not None and not _allowed(tool, name):
            return unknown(f"nothing is known of the flag {name[:40]}")
    return judgement


def _allowed(tool: Tool, name: str) -> bool:
    assert tool.only is not None  # noqa: S101 - asked only where there is a list
    return name in tool.only or name in tool.values or name in tool.switches


def verdict_table(text: str, verdict: Verdict, reason: str) -> dict[str, tuple[Verdict, str]]:
    """`refused` rows for several flags at once."""
    return dict.fromkeys(text.split(), (verdict, reason))
