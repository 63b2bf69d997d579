"""Which calls of the tools for disks, file systems, firewalls and packages only look?

These tools look or change by their first words or flags, so each row is the pattern that all arguments,
joined by blanks, must match to be a look; everything else of them changes the machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chatops.policy.grammar.model import Judgement, read, writes

_NAME = r"[\w@./:-]+"
_DEVICE = r"(?: /dev/[\w/-]+)"
_PLAIN = r"[\w.+*:/][\w.+*:/-]*"
_LVM = r"(?!.*--(?:config|profile|driverloaded))[\w\s,=+/-]*"
_RULES = r"(?:-t \w+ )?(?:-L|-S|--list|--list-rules)(?: (?:-[nvx]+|--line-numbers|[A-Z][\w-]*))*"

ROWS: dict[str, str] = {
    "fdisk": rf"-l{_DEVICE}*",
    "parted": r"-l|(?:-s )?/dev/[\w/-]+ (?:unit \w+ )?print(?: free)?",
    "blkid": r"(?:/dev/[\w/-]+)?|-[oL] \w+",
    "mount": r"|-l",
    "smartctl": rf"-[aiHAxl](?: (?:error|selftest))?{_DEVICE}",
    "mdadm": rf"(?:--detail|--examine|-D|-E|--query|-Q)(?: --scan)?{_DEVICE}*",
    "lvs": _LVM,
    "vgs": _LVM,
    "pvs": _LVM,
    "lvdisplay": _LVM,
    "vgdisplay": _LVM,
    "pvdisplay": _LVM,
    "dmsetup": r"(?:ls|info|status|table|deps|version)(?: (?!--showkeys)[\w/-]+)*",
    "btrfs": (
        r"(?:(?:subvolume|device|filesystem|fi|scrub|qgroup) (?:list|show|stats|usage|df|du|status))"
        rf"(?: (?!-z|--reset){_NAME})*"
    ),
    "zpool": rf"(?:status|list|iostat|history|get|events)(?: (?!-c){_NAME})*",
    "zfs": rf"(?:list|get|diff|version)(?: {_NAME})*",
    "tune2fs": rf"-l{_DEVICE}",
    "dumpe2fs": rf"(?:-h)?{_DEVICE}",
    "e2fsck": rf"-n{_DEVICE}",
    "fsck": rf"-[nN]{_DEVICE}",
    "resize2fs": rf"-P{_DEVICE}",
    "xfs_info": rf"{_NAME}",
    "hdparm": rf"-[IiC]{_DEVICE}",
    "nbd-client": r"-l(?: [\w.-]+)?|-c /dev/nbd\d+",
    "iptables": _RULES,
    "ip6tables": _RULES,
    "iptables-save": r"(?:-t \w+|-c)?",
    "nft": r"(?:-a |-j )?list (?:ruleset|tables|table [\w ]+|chains|chain [\w ]+|sets|set [\w ]+)",
    "ufw": r"status(?: verbose| numbered)?|version|show (?:raw|listening|added)|app list",
    "firewall-cmd": r"--(?:state|list-[\w-]+|get-[\w-]+|info-[\w-]+=\S+)(?: --zone=\w+)?",
    "ifconfig": r"(?:-a|-s)?(?: ?[\w@.-]+)?",
    "route": r"-n|-ne|-n -6",
    "ethtool": r"(?:-[iSklgac] )?[\w.-]+",
    "brctl": r"show(?: [\w.-]+)?",
    "bridge": r"(?:link|fdb|vlan)(?: show)?(?: dev [\w.-]+)?",
    "dpkg": rf"(?:-[lsLS]|--list|--status|--listfiles|--search|--version)(?: {_PLAIN})*",
    "rpm": rf"-q[ailcdfpR]*(?: {_PLAIN})*",
    "pg_isready": r"(?:-[hpUdt] [\w.-]+ ?)*",
    "mysqladmin": r"(?:-[hPu] ?[\w.-]+ )*(?:status|ping|processlist|version|extended-status|variables)",
    "pm2": r"(?:list|ls|status|show \w+|logs(?: \w+)?(?: --nostream)?|--version)",
    "supervisorctl": r"status(?: [\w:*-]+)*",
    "launchctl": r"(?:list|print)(?: [\w./-]+)?",
    "getfacl": rf"(?:-[\w]+ )*{_NAME}",
    "lsattr": rf"(?:-[\w]+ )*{_NAME}",
    "ansible": r"[\w.*:-]+ --list-hosts|[\w.*:-]+ -m (?:ansible\.builtin\.)?ping|--version",
    "ansible-doc": r"(?:-[lst] ?|--(?:list|snippet)(?: |$))*(?:-t \w+ )?[\w.]*|--version",
    "losetup": r"-a|-l|--list|--all|",
    "swapon": r"-s|--show(?:=[A-Z,]+)?|--summary",
    "ansible-playbook": (
        r"(?:(?:-i|--inventory) [\w./-]+\.(?:ini|ya?ml) )?[\w./-]+ --(?:syntax-check|list-hosts|list-tasks|list-tags)"
        r"(?: -l [\w.*:-]+)?|--version"
    ),
    "certbot": r"certificates|--version",
    "timedatectl": r"(?:status|show|timesync-status|list-timezones)?",
    "hostnamectl": r"(?:status)?",
    "loginctl": r"(?:list-sessions|list-users|session-status|user-status)?(?: \w+)?",
    "localectl": r"(?:status)?",
    "resolvectl": r"(?:status|query [\w.-]+|dns|domain|statistics)?(?: [\w.-]+)?",
    "networkctl": r"(?:list|status)?(?: [\w.-]+)*",
    "virsh": r"(?:list|dominfo|domstate|domblklist|net-list|pool-list|nodeinfo|version)(?: (?:--all|[\w.-]+))*",
    "ipmitool": r"(?:sdr|sel|chassis status|sensor|fru|mc info)(?: list| elist)?",
    "ipvsadm": r"-L(?:n|n --stats|n --rate)?|-L(?: (?:-n|--stats|--rate|-c|--timeout))*|-l -n|-ln",
    "conntrack": (
        r"-[LSCE](?: (?:-p|--proto|-s|--src|-d|--dst|-o|--state|--dport|--sport) (?!-)[\w.,/:-]+)*"
        r"|--stats|--count"
    ),
    "multipath": r"-ll?(?: -v\d)?",
    "auditctl": r"-[ls]",
    "semanage": r"\w+ -l(?:C)?",
    "fail2ban-client": r"(?:status(?: (?!-)[\w.-]+)?|ping|version|banned)",
    "iscsiadm": r"-m (?:session|node|iface)(?: -P \d)?",
    "exportfs": r"(?:-[sv])?",
    "logrotate": r"(?:-v -d|-d -v|-d|--debug|-dv|-vd) (?!-)[\w/.-]+",
    "visudo": r"-c(?: -f (?!-)[\w/.-]+)?",
    "apt-mark": r"show(?:hold|manual|auto)",
    "pacman": r"-(?:Q[a-z]*|Si|Ss|Sii|Fl|F)(?: (?!-)[\w.+-]+)*",
    "gpg": (
        r"(?:-k|-K|--list-(?:secret-)?keys|--list-public-keys|--fingerprint|--list-sigs"
        r"|--version)(?: (?!-)[\w@.-]+)?|--verify (?!-)[\w/.-]+(?: (?!-)[\w/.-]+)?"
    ),
    "keytool": (
        r"(?:-list|-printcert)(?: -v| -rfc)?(?: -(?:keystore|file) (?!-)[\w/.-]+)?(?: -alias (?!-)[\w.-]+)?"
        r"|-printcert -sslserver (?!-)[\w.:-]+"
    ),
    "cfssl": r"certinfo -cert (?!-)[\w/.-]+|version",
    "squid": r"-k (?:check|parse)|-v",
    "named-checkconf": r"(?:-z )?(?!-)[\w/.-]*",
    "named-checkzone": r"(?!-)[\w.-]+ (?!-)[\w/.-]+",
    "unbound-checkconf": r"(?!-)[\w/.-]*",
    "php-fpm": r"-t|-v|-tt",
    "sv": r"status (?!-)[\w/.-]+",
    "monit": r"status(?: (?!-)[\w.-]+)?|summary|report|-V|-t",
    "circusctl": r"status|list|stats",
    "forever": r"list",
    "god": r"status",
    "jcmd": (
        r"\d+ (?:VM\.(?:version|flags|uptime|info|native_memory)|Thread\.print|GC\.heap_info|help"
        r"|Compiler\.codecache)|-l"
    ),
    "jmap": r"-histo \d+",
    "py-spy": r"dump (?:--pid|-p) \d+",
    "perf": r"list",
    "bpftrace": r"-l",
    "salt": (
        r"(?:-L )?[\w.*'-]+ (?:test\.(?:ping|version)|grains\.(?:items|ls|get|item)"
        r"|status\.(?:uptime|loadavg|meminfo|cpustats|cpuinfo|diskusage|netstats|procs|nproc|w|version)|disk\.usage"
        r"|service\.status|pkg\.version|network\.\w*(?:interfaces|ip_addrs|netstat))(?: (?!-)[\w.:-]+)?"
    ),
    "salt-run": r"(?:manage\.(?:status|up|down|versions)|jobs\.(?:list_jobs|active|lookup_jid|list_job))(?: \d+)?",
    "salt-key": r"-L|--list-all|-l \w+",
    "snmpwalk": r"-v ?2?[12]c? -c \w+ (?!-)[\w.:-]+(?: (?!-)[\w.:-]+)?",
    "snmpget": r"-v ?2?[12]c? -c \w+ (?!-)[\w.:-]+ (?!-)[\w.:-]+",
    "ldapwhoami": r"-x",
    "realm": r"list|discover(?: (?!-)[\w.-]+)?",
    "sssctl": r"domain-list|domain-status (?!-)[\w.-]+|config-check",
    "wg": (
        r"(?:show(?: (?!-)[\w-]+)?(?: (?:endpoints|latest-handshakes|transfer|allowed-ips|peers|listen-port"
        r"|persistent-keepalive|public-key|fwmark))?)?"
    ),
    "grype": r"(?!-)[\w./:@-]+|version|db status",
    "syft": r"(?!-)[\w./:@-]+|version",
    "tflint": r"|--version",
    "mvn": r"-v|--version",
    "gradle": r"-v|--version",
    "zkCli": r"-server (?!-)[\w.:-]+ (?:ls|stat|get_all_children_number|version)(?: (?!-)[\w/.-]+)?",
    "kafka-run-class": (
        r"kafka\.tools\.GetOffsetShell(?: --(?:broker-list|bootstrap-server|topic|time|partitions) (?!-)[\w.:,-]+)+"
    ),
    "ansible-lint": r"(?!-)[\w/.-]+|--version",
    "nvidia-smi": r"(?:-L|-q|--query-[\w-]+=\S+(?: --format=\S+)?)?",
}
"""Tool → what its arguments look like where it only looks."""

_ROWS = {name: re.compile(pattern) for name, pattern in ROWS.items()}


def is_device_tool(name: str) -> bool:
    """Whether the tool is in the table."""
    return name in _ROWS


def judge_device_tool(name: str, args: Sequence[str]) -> Judgement:
    """Whether a tool of the table only looks."""
    if any(not argument or re.search(r"\s", argument) for argument in args):
        return writes(f"{name} may change the machine")
    if _ROWS[name].fullmatch(" ".join(args)):
        return read(f"{name} only looks")
    return writes(f"{name} may change the machine")
