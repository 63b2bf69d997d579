"""Of the tools of a machine, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, UNKNOWN, WRITES, judged

test_commands = judged(
    ("java -jar jenkins-cli.jar -s http://jenkins.local/ list-jobs", READ),
    ("java -jar other.jar list-jobs", UNKNOWN),
    ("systemctl list-units --failed", READ),
    ("systemctl -H elsewhere status x", UNKNOWN),
    ("systemctl stop kubelet", WRITES),
    ("journalctl -u kubelet -n 100 --no-pager", READ),
    ("journalctl --vacuum-time=1d", WRITES),
    ("ss -tlnp", READ),
    ("ss -K dst 10.0.0.1", UNKNOWN),
    ("top -bn1", READ),
    ("top", UNKNOWN),
    ("ps aux --sort=-%mem", READ),
    ("ps eww", SECRETS),
    ("dmesg -T", READ),
    ("dmesg -C", WRITES),
    ("sysctl net.ipv4.ip_forward", READ),
    ("sysctl -w net.ipv4.ip_forward=1", WRITES),
    ("crontab -l", READ),
    ("crontab -r", WRITES),
    ("service nginx status", READ),
    ("service nginx restart", WRITES),
    ("nginx -t", READ),
    ("nginx", UNKNOWN),
    ("nginx -s stop", WRITES),
    ("haproxy -c -f /etc/haproxy/haproxy.cfg", READ),
    ("haproxy -f /etc/haproxy/haproxy.cfg", UNKNOWN),
    ("hostname evil", UNKNOWN),
    ("getent shadow", UNKNOWN),
    ("uptime", READ),
    ("whoami --x", UNKNOWN),
    ("env", SECRETS),
    ("printenv", SECRETS),
    ("python3 -V", READ),
    ("python3 -v", UNKNOWN),
)
