"""Of the tools that ask the network, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, UNKNOWN, WRITES, judged

test_commands = judged(
    ("dig +trace example.com @10.0.0.2", READ),
    ("dig axfr example.com", UNKNOWN),
    ("dig -f /etc/passwd", UNKNOWN),
    ("openssl x509 -in cert.pem -noout -dates", READ),
    ("openssl s_client -connect x:443 -keylogfile /tmp/k", UNKNOWN),
    ("openssl req -new -key k.pem", UNKNOWN),
    ("nc -zv db 5432", READ),
    ("nc db 5432", UNKNOWN),
    ("ip -br addr", READ),
    ("ip link set eth0 down", WRITES),
    ("ip netns exec x id", UNKNOWN),
    ("ping -c 3 db", READ),
    ("ping -f db", UNKNOWN),
)
