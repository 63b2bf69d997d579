"""Which calls of the forges' command-line tools only read? `api` is a door to everything, so its method decides."""

from __future__ import annotations

from collections.abc import Sequence

from chatops.policy.grammar.model import UNKNOWN, Judgement, Tool, paths, read, unknown, words, writes
from chatops.policy.grammar.verbs import judge_words, verdict_table

SOURCE = (
    Tool(
        "gh",
        reads=paths(
            "pr list, pr view, pr status, pr diff, pr checks, issue list, issue view, issue status, "
            "repo list, repo view, run list, run view, run watch, workflow list, workflow view, "
            "release list, release view, auth status, search repos, search issues, search code, "
            "search prs, search commits, gist list, gist view, label list, secret list, variable "
            "list, cache list, ruleset list, ruleset view, ruleset check, status, browse --help, org "
            "list, codespace list, project list, project view, ssh-key list, gpg-key list, api --help, version, "
            "extension list, attestation verify, variable get, deploy-key list, repo deploy-key list"
        ),
        secrets=paths("auth token"),
        writing=paths(
            "pr create, pr merge, pr close, pr edit, pr checkout, pr review, pr reopen, pr comment, "
            "pr ready, issue create, issue close, issue delete, issue edit, issue comment, issue "
            "transfer, issue reopen, repo create, repo delete, repo archive, repo edit, repo rename, "
            "repo clone, repo fork, repo sync, run rerun, run cancel, run delete, run download, "
            "workflow run, workflow enable, workflow disable, release create, release delete, "
            "release edit, release upload, release download, secret set, secret delete, secret "
            "remove, variable set, variable delete, cache delete, label create, label delete, auth "
            "login, auth logout, gist create, gist delete, gist edit, extension install, alias set, "
            "config set, ssh-key add, ssh-key delete, gpg-key delete, codespace delete, codespace "
            "create, codespace ssh"
        ),
        values=words("-R --repo"),
        refused=verdict_table("--hostname --show-token -t --web -w", UNKNOWN, "opens or shows something else"),
    ),
    Tool(
        "glab",
        reads=paths(
            "repo list, repo view, repo search, mr list, mr view, mr diff, mr issues, issue list, "
            "issue view, variable list, release list, release view, ci list, ci view, ci status, ci "
            "trace, ci get, ci lint, pipeline list, user events, label list, snippet --help, "
            "schedule list, runner list, snippet list, version, auth status, cluster agent list, job --help, "
            "ssh-key list, "
            "incident list, incident view, iteration list"
        ),
        secrets=paths("variable get, variable export"),
        writing=paths(
            "repo delete, repo archive, repo create, repo clone, repo fork, repo transfer, mr "
            "create, mr merge, mr close, mr update, mr delete, mr approve, mr rebase, mr checkout, "
            "mr note, mr reopen, mr revoke, issue create, issue close, issue delete, issue update, "
            "issue note, variable delete, variable set, variable update, release delete, release "
            "create, release upload, ci delete, ci run, ci retry, ci trigger, ci cancel, auth login, "
            "ssh-key add, ssh-key delete, schedule create, schedule delete, schedule run, label "
            "create, label delete, config set, alias set"
        ),
        values=words("-R --repo"),
    ),
    Tool(
        "svn",
        reads=paths("log, info, status, st, diff, list, ls, cat, blame"),
        writing=paths("commit, ci, delete, rm, add, checkout, co, update, up, revert, merge, copy, move, switch"),
        refused=verdict_table("--diff-cmd --editor-cmd --config-dir --config-option", UNKNOWN, "runs a program"),
    ),
)

TOOLS = SOURCE

_ROWS = {name: tool for tool in SOURCE for name in tool.names.split()}
_FIELDS = words("-f -F --field --raw-field --input --form")
_KNOWN = words(
    "-X --method -q --jq --paginate --slurp -i --include -t --template --cache -H --header --silent --per-page"
)
_TAKING = words("-X --method -q --jq -t --template --cache -H --header --per-page")


def judge_gh(args: Sequence[str]) -> Judgement:
    """Judge GitHub's tool."""
    return _api(args[1:]) if args[:1] == ["api"] else judge_words(_row("gh"), args)


def judge_glab(args: Sequence[str]) -> Judgement:
    """Judge GitLab's tool."""
    return _api(args[1:]) if args[:1] == ["api"] else judge_words(_row("glab"), args)


def _row(name: str) -> Tool:
    return _ROWS[name]


def _api(args: Sequence[str]) -> Judgement:
    """A call of the API: a GET without fields, of a path that holds no secrets."""
    paths: list[str] = []
    method, rest = "GET", iter(args)
    for argument in rest:
        name, equals, value = (
            argument.partition("=")
            if argument.startswith("--")
            else (argument[:2] if argument[:1] == "-" else argument, "", argument[2:])
        )
        if name in _FIELDS:
            return writes("sends fields")
        if not argument.startswith("-"):
            paths.append(argument)
        elif name not in _KNOWN:
            return unknown(f"nothing is known of {argument[:20]}")
        elif name in _TAKING:
            taken = value if equals or (value and not argument.startswith("--")) else next(rest, "")
            method = taken if name in {"-X", "--method"} else method
    if method.upper() not in {"GET", "HEAD"}:
        return writes(f"{method[:10]} changes something")
    if (
        len(paths) != 1
        or "://" in paths[0]
        or "graphql" in paths[0]
        or any(w in paths[0].lower() for w in ("secret", "token", "variables", "credential"))
    ):
        return unknown("the path may be more than a read")
    return read("a GET of the API only reads")
