"""Which commands only ask the network: DNS, TLS, sockets?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.model import Judgement, read, unknown, words, writes


def judge_dig(args: Sequence[str]) -> Judgement:
    """Questions to name servers; zone transfers hand out everything, and batch files are not read."""
    for argument in args:
        lower = argument.lower()
        if "axfr" in lower or "ixfr" in lower:
            return unknown("a zone transfer hands out the whole zone")
        if lower.startswith(("-f", "-k", "-y")):
            return unknown("reads a batch file or a key")
        if lower.startswith("-") and not re.fullmatch(
            r"-(?:[46biqrtxcpmvuh]|type=\w+|query=\w+|debug|timeout=\d+|port=\d+|[tT][cyYCP]*\w*|[aACdilrsTvVwW]|[NRWm]\d*)",
            argument,
        ):
            return unknown(f"nothing is known of the flag {argument[:20]}")
    return read("asks name servers") if args else unknown("asks interactively")


def judge_host(args: Sequence[str]) -> Judgement:
    """host is dig with fewer words; `-l` asks for the whole zone."""
    if any(re.fullmatch(r"-[46aCdiNrsTvVwW]*l.*", a) for a in args):
        return unknown("a zone transfer hands out the whole zone")
    return judge_dig(args)


def judge_openssl(args: Sequence[str]) -> Judgement:
    """Looking at certificates and connections; never keys, and never anything written."""
    if not args:
        return unknown("starts a shell of its own")
    verb, flags = args[0], [a for a in args[1:] if a.startswith("-")]
    bad = words(
        "-out -keyout -writerand -sess_out -keylogfile -CAkey -signkey -key -inkey -engine "
        "-provider -provider-path -passin -pass -early_data -keymatexport -msgfile -proxy -proxy_pass "
        "-CAcreateserial -CAserial -url -config"
    )
    if verb not in words("s_client x509 verify version ciphers crl asn1parse req dgst ocsp errstr list help"):
        return unknown(f"nothing is known of openssl {verb[:20]}")
    if (
        set(flags) & bad
        or (verb == "req" and set(flags) & words("-new -x509 -newkey"))
        or (verb == "dgst" and "-sign" in flags)
    ):
        return unknown("uses a key, or writes a file")
    return read(f"openssl {verb} only looks")


def judge_probe(args: Sequence[str]) -> Judgement:
    """ping and traceroute with a bounded count."""
    if any(a in {"-f", "--flood"} or re.fullmatch(r"-\w*f\w*", a) for a in args):
        return unknown("floods")
    return read("probes a host") if args else unknown("names no host")


def judge_netcat(args: Sequence[str]) -> Judgement:
    """Only `nc -z`: whether a port is open."""
    flags = "".join(a[1:] for a in args if re.fullmatch(r"-[a-zA-Z]+", a))
    if "z" in flags and not set(flags) - set("zvnuw46") and not any(a.startswith("--") for a in args):
        return read("looks whether a port is open")
    return unknown("opens a connection that may carry anything")


_IP_OTHERS = re.compile(r"--?(?:b|ba\w*|force|n|ne\w*)")
"""Batches of commands, and other networks."""


def judge_ip(args: Sequence[str]) -> Judgement:
    """`ip addr`, `ip route`, … without anything that changes them."""
    plain = [a for a in args if not a.startswith("-")]
    if any(_IP_OTHERS.fullmatch(a) for a in args) or not plain:
        return unknown("nothing is known of this use of ip")
    if plain[0] not in words("a ad add addr address l link r ro route n neigh neighbour rule maddr s"):
        return unknown(f"nothing is known of ip {plain[0][:20]}")
    action = plain[1] if len(plain) > 1 else "show"
    return (
        read("shows the network")
        if action in words("show s sh list ls lst get")
        else writes(f"ip {action[:20]} changes the network")
    )
