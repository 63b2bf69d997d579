"""Commands composed of the tables' own words: no verb that changes and no secret slips through, wherever it stands.

What is composed here is read as the tools read it: flags whose values look like verbs, verbs behind flags that
nobody knows, several verbs, and wrappers around all of it.
"""

from __future__ import annotations

import shlex

from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.commands import judge, judge_line
from chatops.policy.grammar import _ROWS, WRITERS
from chatops.policy.grammar.kubectl import READS as KUBECTL_READS
from chatops.policy.grammar.verbs import READ_VERBS, REFUSED, WRITE_VERBS

TOOLS = st.sampled_from(sorted(_ROWS))
WRITES = st.sampled_from(sorted(WRITE_VERBS))
READS = st.sampled_from(sorted(READ_VERBS))
KUBECTL_WRITES = st.sampled_from(
    ["create", "apply", "delete", "replace", "patch", "edit", "scale", "drain", "exec", "run", "cp", "debug", "attach"]
)
KUBECTL_FLAGS = st.sampled_from(
    ["-n", "--namespace", "-l", "--context", "-o", "--selector", "--field-selector", "-c", "--tail", "--since"]
)
HARMLESS = st.sampled_from(["-A", "-w", "--watch", "--show-labels", "--no-headers", "--all-namespaces"])
VALUES = st.sampled_from(["get", "list", "describe", "logs", "x", "shop", "status", "--", "-", "json", "yaml"])


@given(TOOLS, WRITES, READS, st.sampled_from(["--output", "--name", "--x", "-q", "--project", "-f", "--format"]))
@settings(max_examples=400, deadline=None)
def test_a_reading_word_as_the_value_of_an_unknown_flag_hides_no_change(
    tool: str, change: str, reading: str, flag: str
) -> None:
    """`tool --flag list delete x` deletes where the flag takes a value, and must not pass as a list."""
    row = _ROWS[tool]
    if change in row.reads or reading not in {*row.reads, "list", "get", "show"}:
        reading = "list"
    judged = judge([tool, flag, reading, change, "x"])
    known = flag in row.switches
    paths = {" ".join(p.split()[:2]) for p in row.reads}
    if not known and f"{reading} {change}" not in paths and reading not in row.reads:
        assert judged.verdict != "read-only", (tool, flag, reading, change, judged.reason)


@given(TOOLS, WRITES, st.lists(st.sampled_from(["--json", "--yes", "-v", "--verbose", "-o", "json"]), max_size=3))
@settings(max_examples=400, deadline=None)
def test_a_changing_verb_first_is_never_a_read(tool: str, change: str, flags: list[str]) -> None:
    row = _ROWS[tool]
    named = [p for p in (*row.reads, *row.bare) if p.split()[0] == change]
    if not named and change not in row.things:
        assert judge([tool, *flags, change, "x"]).verdict != "read-only", (tool, change)


@given(KUBECTL_WRITES, st.lists(st.tuples(KUBECTL_FLAGS, VALUES), max_size=3), st.lists(HARMLESS, max_size=2))
@settings(max_examples=300, deadline=None)
def test_flags_before_the_verb_of_kubectl_hide_no_change(
    verb: str, before: list[tuple[str, str]], after: list[str]
) -> None:
    argv = ["kubectl", *(word for pair in before for word in pair), verb, "pod", "x", *after]
    assert judge(argv).verdict != "read-only", argv


@given(
    st.sampled_from(sorted(KUBECTL_READS)),
    st.sampled_from(["secret", "secrets", "Secret", "secrets.v1", "pods,secrets", "secret/x", "SECRETS"]),
    st.sampled_from(["yaml", "json", "jsonpath={.data}", "go-template={{.data}}", "custom-columns=D:.data"]),
    st.permutations(range(3)),
)
@settings(max_examples=200, deadline=None)
def test_secrets_are_never_printed_whatever_the_order(verb: str, kind: str, output: str, order: list[int]) -> None:
    if verb not in {"get", "describe"}:
        return
    parts = [["-n", "shop"], [verb, kind], ["-o", output]]
    argv = ["kubectl", *(word for index in order for word in parts[index])]
    assert judge(argv).verdict != "read-only", argv


@given(TOOLS, READS, st.sampled_from(sorted(REFUSED)), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_flag_that_does_more_is_refused_wherever_it_stands(tool: str, verb: str, flag: str, first: bool) -> None:
    row = _ROWS[tool]
    known = {*row.values, *row.switches, *row.tried, *row.bare, *(row.only or ())} | {
        n.split()[-1] for n in row.names_only
    }
    if flag not in known:
        argv = [tool, flag, verb] if first else [tool, verb, flag]
        assert judge(argv).verdict != "read-only", argv


@given(st.sampled_from(sorted(WRITERS)), st.lists(st.text("abc-/=.*", max_size=6), max_size=4))
@settings(max_examples=200, deadline=None)
def test_programs_that_are_there_to_change_never_read(name: str, args: list[str]) -> None:
    tried = name in {"rsync"} and any("n" in a or a == "--list-only" for a in args)
    if not tried and args not in (["--version"], ["--help"]):
        assert judge([name, *args]).verdict != "read-only"


@given(
    st.sampled_from(["kubectl delete pod x", "aws ec2 terminate-instances", "rm -rf x", "vault kv get x", "git push"]),
    st.lists(
        st.sampled_from(
            ["sh -c {q}", "env {c}", "env A=b {c}", "xargs {c}", "time {c}", "sudo -E {c}", "nohup {c}", "echo $({c})",
             "kubectl get pods | {c}", "kubectl get pods; {c}", "kubectl get pods\n{c}", "{c} | cat", "! {c}",
             "echo x | xargs -I{{}} {c}", "find . -exec {c} ;", "awk 'BEGIN{{system({q})}}'", "kubectl get pods `{c}`",
             "command {c}", "exec {c}", "if {c}; then id; fi", "({c})", "{{ {c}; }}", "{c} &", "ssh h {q}"]
        ),
        min_size=1, max_size=4,
    ),
)  # fmt: skip
@settings(max_examples=250, deadline=None)
def test_wrapped_any_number_of_times_a_change_stays_one(command: str, wrappers: list[str]) -> None:
    for wrapper in wrappers:
        command = wrapper.format(c=command, q=shlex.quote(command))
    assert judge_line(command).verdict != "read-only", command
