"""Of the tools for disks, firewalls and packages, what looks is told from what changes, reveals or is not known."""

from __future__ import annotations

from tests.policy.grammar.judged import READ, WRITES, judged

test_commands = judged(
    ("ansible all -m shell -a id", WRITES),
    ("mount", READ),
    ("mount /dev/sda1 /mnt", WRITES),
    ("fdisk -l /dev/sda", READ),
    ("fdisk /dev/sda", WRITES),
    ("blkid /dev/sda1", READ),
    ("iptables -t nat -L -n -v --line-numbers", READ),
    ("iptables -L -F", WRITES),
    ("nft list ruleset", READ),
    ("nft flush ruleset", WRITES),
    ("zpool status tank", READ),
    ("zpool status -c id", WRITES),
    ("zfs destroy tank/x", WRITES),
    ("lvs -o +devices", READ),
    ("lvs --config x", WRITES),
    ("rpm -qa", READ),
    ("rpm -qa --pipe id", WRITES),
    ("dpkg -l", READ),
    ("dpkg -i x.deb", WRITES),
    ("mysqladmin -h db processlist", READ),
    ("mysqladmin drop x", WRITES),
    ("ansible-playbook site.yml --syntax-check", READ),
    ("ansible-playbook site.yml --check", WRITES),
    ("ifconfig eth0", READ),
    ("ifconfig eth0 down", WRITES),
    ("btrfs device stats -z /", WRITES),
)
