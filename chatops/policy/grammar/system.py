"""Which commands only look at a machine: services, logs, processes, disks?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.model import Judgement, Tool, abbreviates, paths, read, reveals, unknown, words, writes
from chatops.policy.grammar.verbs import judge_words

LOOKERS = {
    "ps": r"-\w+|--(?:sort|forest|no-headers|pid|ppid|format|user|cols|headers)(?:=\S+)?|[a-zA-Z0-9,%=+_-]+",
    "pgrep": r"-\w+|--[\w-]+|[\w.\-^$|]+",
    "df": r"-[a-zA-Z]+|--[\w-]+(?:=\S+)?|[\w./:-]+",
    "du": r"-[a-zA-Z0-9]+|--[\w-]+(?:=\S+)?|[\w./:*~-]+",
    "free": r"-[bkmghltsvw0-9]+|--(?:bytes|kibi|mebi|gibi|human|wide|total|si)|\d+",
    "uptime": r"-[psV]|--\w+",
    "uname": r"-\w+|--[\w-]+",
    "hostname": r"-[fisAIdy]+",
    "id": r"-\w+|[\w.-]+",
    "whoami": r"(?!)",
    "w": r"-\w+|[\w.-]+",
    "who": r"-\w+",
    "last": r"-[\w]+|[\w./:-]+",
    "nproc": r"--all",
    "lscpu": r"-\w+|--[\w-]+",
    "lsblk": r"-\w+|--[\w-]+|[\w/,:-]+",
    "lsmod": r"(?!)",
    "lspci": r"-[vkntmDx]+",
    "lsof": r"[+-](?![Dm])\w+|(?!-)[\w@:./,*-]+",
    "ls": r"-[A-Za-z1]+|--[\w-]+(?:=\w+)?|[^-].*",
    "stat": r"-[fLtc]|--[\w-]+(?:=.+)?|[^-].*",
    "file": r"-[bikLsz]+|[^-].*",
    "which": r"-a|[\w.-]+",
    "type": r"-[atp]+|[\w.-]+",
    "pwd": r"-[LP]",
    "basename": r"[^-].*",
    "dirname": r"[^-].*",
    "readlink": r"-[fenm]+|[^-].*",
    "realpath": r"[^-].*",
    "tree": r"-[adfhpsugDCLIP]+|\d+|[^-].*",
    "ss": r"-[a-zA-CEG-JL-Z0-9]+|(?!-)[\w:.=/()<>!* -]+"
    "|--(?:tcp|udp|listening|processes|numeric|all|summary|extended|info|memory|options|resolve|unix|ipv[46]|no-header)",
    "netstat": r"-[a-zA-Z]+|--[\w-]+",
    "arp": r"-[ane]+|(?!-)[\w.:-]+",
    "iostat": r"-\w+|[\w.]+",
    "vmstat": r"-\w+|\d+",
    "mpstat": r"-\w+|[\w,]+",
    "pidstat": r"-[dhrsuwlp]+|[\w,]+",
    "sar": r"-[bBdFHmnpqrRSuvwWyfse]+|[\w,:./]+",
    "findmnt": r"-\w+|--[\w-]+(?:=\S+)?|[\w./:-]+",
    "getent": r"(?!shadow|gshadow)[\w.:-]+",
    "locale": r"-\w+",
    "true": r"(?!)",
    "false": r"(?!)",
    "groups": r"[\w.-]+",
    "lsns": r"-\w+|[\w,]+",
    "sensors": r"-[Afjuv]+",
    "numactl": r"--hardware|-H|--show|-s",
    "chronyc": r"tracking|sources|sourcestats|activity|-n|-v",
    "ntpq": r"-[pn]+|-c|peers|rv",
    "traceroute": r"-[46nIT]+|-[mwq]|\d+|[\w.:-]+",
    "tracepath": r"-[46n]+|[\w.:-]+",
    "mtr": r"-[46nrwbzT]+|-c|--report|--report-wide|\d+|[\w.:-]+",
    "whois": r"[\w.:-]+",
    "pidof": r"-[sx]|(?!-)[\w.-]+",
    "pstree": r"-[acghlnpstuAGTUZS]+|(?!-)[\w.-]+",
    "pmap": r"-[xXdqA]+|\d+",
    "cmp": r"-[bls]+|[^-].*",
    "locate": r"-[ceil0]+|[^-].*",
    "whereis": r"-[bmsu]+|(?!-)[\w.-]+",
    "lastlog": r"-[but]|\d+|(?!-)[\w.-]+",
    "lastb": r"-[\w]+|(?!-)[\w./:-]+",
    "cal": r"-[\w]+|\d+",
    "lsusb": r"-[tv]+",
    "lsipc": r"-\w+",
    "lslocks": r"-[bJnrup]+|\d+",
    "lsscsi": r"-\w+",
    "dmidecode": r"-[tsq]|(?!-)[\w,-]+",
    "getconf": r"-a|[\w/]+",
    "ulimit": r"-[SH]?a|-[cdflmnpstuvx]",
    "ntpstat": r"(?!)",
    "getenforce": r"(?!)",
    "sestatus": r"-[vb]",
    "aa-status": r"--\w+",
    "apparmor_status": r"(?!)",
    "nfsstat": r"-[cmnrsv234l]+",
    "rpcinfo": r"-[psm]|(?!-)[\w.-]+",
    "showmount": r"-[ade]+|(?!-)[\w.-]+",
    "mailq": r"(?!)",
    "postqueue": r"-[pj]",
    "postconf": r"-[nd]|\w+",
    "exim": r"-bpc?",
    "klist": r"-[eflcas]+",
    "smbstatus": r"-[bpSL]",
    "aureport": r"-[\w]+|--[\w-]+|recent|today|yesterday",
    "ausearch": r"-[mciktsue]+|--[\w-]+|(?!-)[\w/:.-]+",
    "namei": r"-[lmovx]+|[^-].*",
    "getfattr": r"-[dhLPR]+|[^-].*",
    "atq": r"(?!)",
    "jps": r"-[lmvqV]+",
    "jstack": r"-[le]+|\d+",
    "jstat": r"-(?:gc\w*|class|compiler|printcompilation|t|h\d+)|\d+(?:ms|s)?",
    "systemd-analyze": r"(?!set-|log-|service-w|edit|dump)[\w@.:/* -]+|--no-pager",
    "systemd-cgls": r"--no-pager|-[alk]+",
    "systemd-cgtop": r"-b|-n|\d+|-1|--batch|--iterations=\d+",
    "varnishstat": r"-1|-j|-l",
    "varnishlog": r"-d|-g|request|session|raw",
    "iptables-legacy-save": r"(?!)",
    "hostid": r"(?!)",
    "arch": r"(?!)",
    "tty": r"(?!)",
    "users": r"(?!)",
    "kubectx": r"-c|--current",
    "kubens": r"-c|--current",
    "wbinfo": r"-[ugt]|--(?:ping-dc|online-status|own-domain)",
    "s6-svstat": r"(?!-)[\w/.-]+",
    "ntpdc": r"-[pn]+",
    "mongotop": r"\d+|--rowcount(?:=\d+)?|-n",
    "mongostat": r"\d+|--rowcount(?:=\d+)?|-n|--discover",
    "mysqlshow": r"-[hPu]|(?!-)[\w.-]+|--(?:host|port|user)=[\w.-]+",
    "pg_controldata": r"-D|(?!-)[\w/.-]+",
}
"""Programs that only look, with a pattern that every argument must match."""

_LOOKERS = {name: re.compile(pattern) for name, pattern in LOOKERS.items()}

SYSTEMCTL = Tool(
    "systemctl",
    reads=paths(
        "status, show, cat, is-active, is-enabled, is-failed, list-units, list-unit-files, "
        "list-timers, list-sockets, "
        "list-dependencies, list-jobs, list-machines, get-default, is-system-running, list-paths, help"
    ),
    writing=paths(
        "start, stop, restart, reload, try-restart, reload-or-restart, enable, disable, mask, unmask, kill, isolate, "
        "daemon-reload, daemon-reexec, edit, set-property, reset-failed, poweroff, reboot, halt, "
        "suspend, link, revert, "
        "preset, freeze, thaw, rescue, emergency, kexec, set-default, clean, import-environment, set-environment"
    ),
    secrets=paths("show-environment"),
    values=words("-t --type --state -p --property -n --lines -o --output"),
    switches=words(
        "--no-pager -l --full -a --all --failed --user --system -q --quiet --plain --no-legend "
        "--value -r --reverse --after --before"
    ),
    only=frozenset(),
    alone=True,
)

JOURNALCTL = words(
    "-u --unit -n --lines -f --follow --since --until -S -U -p --priority -b --boot -k "
    "--dmesg --no-pager -o --output -x "
    "--catalog -e --pager-end -r --reverse -t --identifier -g --grep -q --quiet -a --all --list-boots --disk-usage "
    "--utc -m --merge --no-hostname --output-fields -F --field -N --fields --user --system -D --directory --no-full "
    "--user-unit --case-sensitive -l --full --version --help --header -xe -fu -xeu -eu -ru -kf -b0 -xu"
)


def judge_looker(name: str, args: Sequence[str]) -> Judgement:
    """A program of the table: every argument must be of the form that only looks."""
    pattern = _LOOKERS[name]
    bad = next((a for a in args if not pattern.fullmatch(a)), None)
    if bad is not None:
        return unknown(f"nothing is known of {name} {bad[:30]!r}")
    if name == "ps" and any(re.fullmatch(r"[a-zA-Z]*e[a-zA-Z]*", a) for a in _ps_words(args)):
        return reveals("ps e prints environments")
    return read(f"{name} only looks")


def _ps_words(args: Sequence[str]) -> list[str]:
    """The words of ps that are options in BSD's style, and not the value of another option."""
    return [
        a
        for i, a in enumerate(args)
        if a[:1] != "-" and not (i and re.fullmatch(r"-\w*[oOpCuUgGt]|[a-z]*o|--\w+", args[i - 1]))
    ]


def is_looker(name: str) -> bool:
    """Whether the program is in the table."""
    return name in _LOOKERS


def judge_journalctl(args: Sequence[str]) -> Judgement:
    """Reading the journal; vacuuming, rotating, and setting up keys change it."""
    for argument in args:
        name = argument.partition("=")[0]
        if not argument.startswith("-") or re.fullmatch(r"-\d+|-[nubp]\S+", argument):
            continue
        if name not in JOURNALCTL:
            return (
                writes("changes the journal")
                if re.match(r"--(?:vacuum|rotate|flush|sync|relinquish|setup|update|smart)", name)
                else unknown(f"nothing is known of {name[:30]}")
            )
    return read("reads the journal")


def judge_service(args: Sequence[str]) -> Judgement:
    """`service NAME status`."""
    if args == ["--status-all"] or (len(args) == 2 and re.fullmatch(r"[\w@.-]+", args[0]) and args[1] == "status"):
        return read("asks for the status")
    return writes(f"service {args[1][:20]} changes it") if len(args) == 2 else unknown("nothing is known of this")


def judge_systemctl(args: Sequence[str]) -> Judgement:
    """Judge systemctl; unit names may hold @ and dots, and without a verb it lists units."""
    if args and all(
        re.fullmatch(r"--(?:failed|all|no-pager|plain|no-legend|full|(?:state|type)=[\w,-]+)|-[alq]", a) for a in args
    ):
        return read("lists units")
    return judge_words(SYSTEMCTL, args)


def judge_top(args: Sequence[str]) -> Judgement:
    """top in batch mode (it is a program with keys that kill otherwise)."""
    flags = [a for a in args if a.startswith("-")]
    if any(re.fullmatch(r"-\w*b\w*", f) for f in flags) and all(
        re.fullmatch(r"-[bncpoHwuUEeisSd1]+\d*", f) for f in flags
    ):
        return read("prints processes")
    return unknown("top without -b waits for keys, some of which change processes")


_CLEARING = words("--clear --read-clear --console-off --console-on --console-level")


def judge_dmesg(args: Sequence[str]) -> Judgement:
    """Reading the kernel's messages; -c and -C clear them."""
    if any(re.fullmatch(r"-\w*[cCDEn]\w*", a) or abbreviates(a.partition("=")[0], _CLEARING) for a in args):
        return writes("clears or redirects the kernel's messages")
    return read("reads the kernel's messages")


def judge_sysctl(args: Sequence[str]) -> Judgement:
    """Reading kernel settings."""
    if any(
        "=" in a or a in {"-w", "--write", "-p", "--load", "--system"} or a.startswith(("-p", "--load")) for a in args
    ):
        return writes("sets kernel parameters")
    return read("reads kernel parameters") if args else unknown("names nothing")


def judge_crontab(args: Sequence[str]) -> Judgement:
    """`crontab -l`."""
    listing = args[:1] == ["-l"] and (len(args) == 1 or (len(args) == 3 and args[1] == "-u"))
    return read("lists jobs") if listing else writes("changes the jobs")


CHECKERS: dict[str, tuple[frozenset[str], frozenset[str], frozenset[str]]] = {
    "haproxy": (words("-c -v -vv"), words("-f"), words("-q -V -d")),
    "nginx": (words("-t -T -v -V"), frozenset(), words("-q")),
    "apachectl": (words("-t -S -M -v -V configtest status"), words("-f"), frozenset()),
    "httpd": (words("-t -S -M -v -V"), words("-f"), frozenset()),
    "sshd": (words("-t -T"), words("-f"), frozenset()),
    "named-checkconf": (words("-z -p /etc/named.conf"), frozenset(), frozenset()),
    "envoy": (words("--version"), frozenset(), frozenset()),
    "ssh-keygen": (words("-l -lf -lvf -F"), words("-lf -lvf -f -E -F"), words("-v")),
    "ssh-add": (words("-l -L"), frozenset(), frozenset()),
}
"""Servers and key tools that only check or print: one of the first flags must be there (flags with a value, others)."""


def judge_checker(name: str, args: Sequence[str]) -> Judgement:
    """A server asked to check its configuration, or a key tool asked to list."""
    needed, values, others = CHECKERS[name]
    rest, seen = iter(args), set()
    for argument in rest:
        if argument not in needed | values | others:
            if list(args) in (["--help"], ["-h"], ["-V"], ["--version"]):
                return read("prints help")
            return (
                writes(f"{name} {argument[:20]} changes something")
                if argument in words("-s -R -d -D -sf -st -x -k")
                else unknown(f"nothing is known of {argument[:20]}")
            )
        seen.add(argument)
        if argument in values:
            next(rest, "")
    return (
        read(f"{name} only checks or prints") if seen & needed else unknown(f"{name} starts a server or asks for keys")
    )


def judge_keyscan(args: Sequence[str]) -> Judgement:
    """Public keys of hosts."""
    return (
        read("asks for public keys")
        if args and all(re.fullmatch(r"-[tpT46H]+|[\w.:,-]+", a) for a in args)
        else unknown("nothing is known of this")
    )


JENKINS = Tool(
    "jenkins-cli",
    reads=paths(
        "list-jobs, list-views, list-plugins, list-changes, who-am-i, get-job, get-node, "
        "get-view, version, help, console, session-id, get-gradle, list-credentials, "
        "get-credentials, get-credentials-as-xml, list-credentials-as-xml"
    ),
    writing=paths(
        "build, delete-job, delete-node, delete-builds, delete-view, create-job, update-job, "
        "copy-job, groovy, groovysh, install-plugin, restart, safe-restart, shutdown, "
        "quiet-down, disable-job, enable-job, offline-node, online-node, reload-configuration, "
        "stop-builds, clear-queue, create-credentials-by-xml, delete-credentials, create-node, "
        "disconnect-node, connect-node, set-build-description, keep-build, cancel-quiet-down, "
        "update-node"
    ),
    values=words("-s -webSocket"),
    refused={},
)


def judge_java(args: Sequence[str]) -> Judgement:
    """Only Jenkins' command line (`java -jar …jenkins-cli.jar`); any other jar runs whatever it is."""
    if len(args) > 2 and args[0] == "-jar" and re.fullmatch(r"(?:/[\w./-]*)?jenkins-cli\.jar", args[1]):
        return judge_words(JENKINS, args[2:])
    return unknown("java runs what it is given")
