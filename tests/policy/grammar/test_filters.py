"""What may stand behind a pipe passes text on; awk and sed are read as the languages they are."""

from __future__ import annotations

import pytest

from chatops.policy.commands import judge_line

PASSING = (
    "grep -iE 'error|warn' -A 3",
    "grep -v '^#'",
    "head -n 5",
    "tail -20",
    "sort -k2 -n -r",
    "uniq -c",
    "wc -l",
    "cut -d: -f1,3",
    "tr -s ' ' '\\n'",
    "jq -r '.items[].metadata.name'",
    "jq '.a | length'",
    "jq --arg name cart '.items[] | select(.a == $name)'",
    "grep -e a -e b",
    "grep -- -x",
    "column -t",
    "awk '{print $1, $NF}'",
    "awk -F: '$3 > 100 && $1 != \"x\" {print $1}'",
    "awk '/error|warn/ {n++} END {print n}'",
    "awk '{ if ($2 > 5) print $1 }'",
    "awk 'NR==1 || $3 >= 2'",
    "sed -n '5,10p'",
    "sed 's/a b/c/g'",
    "sed -e 's|/a|/b|' -e '/x/d'",
    "sed '$d'",
    "sed 's/a/b/;s/c/d/'",
    "rg -i error",
    "base64 -w 0",
    "cat",
    "tac | nl",
)

REFUSED = (
    "sort -o /tmp/x",
    "sort -no/tmp/x",
    "sort --output=/tmp/x",
    "sort --outp /tmp/x",
    "sort --compress-program=sh",
    "uniq - /tmp/x",
    "tee /tmp/x",
    "xargs rm",
    "jq -f x",
    "jq 'env'",
    "jq --arg a b env",
    "jq -rf x",
    "jq --argjson a 1 '$ENV'",
    "jq '$ENV.HOME'",
    "jq 'input_filename'",
    "jq --rawfile a /etc/passwd .",
    "awk '{system(\"id\")}'",
    "awk '{print > \"/tmp/x\"}'",
    "awk '{print >> \"x\"}'",
    "awk '{print | \"sh\"}'",
    "awk '{\"id\" | getline}'",
    "awk '{ if (1) {x=1} print > \"/tmp/x\" }'",
    "awk '{print (1) > \"f\"}'",
    "awk -f x.awk",
    "awk -i inplace '{print}'",
    "awk '@load \"x\"'",
    "awk '{print ENVIRON[\"A\"]}'",
    "awk 'BEGIN{while((\"id\"|getline l)>0)print l}'",
    "gawk --file x",
    "awk '/x/ {print > $1}'",
    "sed -i s/a/b/ f",
    "sed --in-place s/a/b/ f",
    "sed -ni p f",
    "sed s/a/b/e",
    "sed 's/a/b/w /tmp/x'",
    "sed 'w /tmp/x'",
    "sed '1e id'",
    "sed 'r /etc/passwd'",
    "sed -f x.sed",
    "sed 's/a/b/;w /tmp/x'",
    "sed '/a/{s/b/c/e}'",
    "rg --pre sh x",
    "less",
    "vi -",
    "perl -pe 1",
    "grep -r x / | sh",
    "find . -delete",
    "cat /etc/shadow",
    "cat /proc/self/environ",
    "head ~/.ssh/id_rsa",
    "grep x ~/.kube/config",
    "grep -f /etc/shadow x",
    "base64 -d server.key",
    "tail -f /run/secrets/token",
    "wc --files0-from=x",
    "date -s 10:00",
    "printf -v PATH x",
)


@pytest.mark.parametrize("filter_", PASSING)
def test_a_filter_passes(filter_: str) -> None:
    judged = judge_line(f"kubectl get pods | {filter_}")
    assert judged.verdict == "read-only", judged.reason


@pytest.mark.parametrize("filter_", REFUSED)
def test_what_does_more_does_not(filter_: str) -> None:
    assert judge_line(f"kubectl get pods | {filter_}").verdict != "read-only"
    assert judge_line(filter_).verdict != "read-only"


def test_reading_files_by_name() -> None:
    assert judge_line("cat /var/log/syslog").verdict == "read-only"
    assert judge_line("find /var/log -name '*.log' -size +100M").verdict == "read-only"
    assert judge_line("find /var/log -name '*.log' -exec rm x").verdict == "unknown"
    assert judge_line("grep -rn timeout /etc/nginx").verdict == "read-only"
    assert judge_line("cat ~/.netrc").verdict == "reveals-secrets"
