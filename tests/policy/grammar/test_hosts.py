"""Of the tools of storage, networks and machines, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, SECRETS, WRITES, judged

test_commands = judged(
    ("ceph status", READ),
    ("ceph osd out 3", WRITES),
    ("rbd ls pool", READ),
    ("rbd rm pool/image", WRITES),
    ("nodetool status", READ),
    ("nodetool decommission", WRITES),
    ("openstack server list", READ),
    ("openstack server delete x", WRITES),
    ("govc vm.info x", READ),
    ("lxc list", READ),
    ("lxc stop x", WRITES),
    ("tailscale status", READ),
    ("tailscale down", WRITES),
    ("rndc status", READ),
    ("rndc reload", WRITES),
    ("bw get password x", SECRETS),
    ("nvme list", READ),
    ("nvme format /dev/nvme0n1", WRITES),
    ("doveadm who", READ),
    ("unbound-control flush_zone x", WRITES),
)
