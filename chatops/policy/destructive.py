"""Does a text tell somebody to destroy what does not come back? Never shown, not even as a mitigation.

Rows by what destroys: a shell's programs, the clouds' and clusters' tools, databases, code, and sentences. They are
matched as text because text is what they stand in; commands with an argv of their own are judged by their words too
(`chatops.policy.commands`). One pod may be deleted: it comes back.
"""

from __future__ import annotations

import re

_VERBS = "delete|destroy|uninstall|purge|prune|del|remove|rm|rmi|nuke|wipe|erase|flush|drop|deregister|terminate"
_TOOLS = (
    "helm terraform tofu terragrunt pulumi cdk argocd flux velero eksctl kops kind minikube k3d istioctl linkerd "
    "vault consul nomad etcdctl rabbitmqctl rabbitmqadmin docker podman nerdctl crictl ctr oc doctl ibmcloud "
    "linode-cli flyctl gsutil gcloud az zfs zpool lvs btrfs rclone s3cmd kubeadm talosctl cockroach bq restic borg"
).replace(" ", "|")
_DATA = (
    "namespaces? databases? schemas? tables? volumes? pvcs? persistentvolume(?:claim)?s? buckets? clusters? disks? "
    "topics? queues? index(?:es)? indices snapshots? backups? secrets? keyspaces? collections? partitions? filesystems?"
).replace(" ", "|")
_WITHIN = r"[^\n]{0,200}?"
_MORE = (
    r"(?:\s+(?!(?:would|will|can|could|should|may|might|did|does|to|not|has|was|is|and|or|that|which|the|an?)\b)\S+)"
)
"""A further word of a command: none of a sentence about it (`a helm rollback would remove it`)."""

_ROWS = (
    # a shell's programs
    r"\brm\s+(?:-\w*[rf]|--(?:recursive|force))",
    r"\bfind\b" + _WITHIN + r"\s-delete\b",
    r"\b(?:mkfs|wipefs|shred|blkdiscard|lvremove|vgremove|pvremove)(?:\.\w+)?\s+[/-]",
    r"\bdd\s+(?:if|of)=",
    r">\s*/dev/(?:sd|nvme|xvd|vd|hd|mapper)",
    r":\(\)\s*\{",
    r"\b(?:ba|z|da|k)?sh\s+-c\b|\|\s*(?:sudo\s+)?(?:ba|z|da|k|c)?sh\b|\|\s*(?:python|perl|ruby)\d?\b",
    r"\b(?:iptables|nft|ipvsadm|ip6tables)\s+(?:-\w*F|--flush|flush)\b",
    r"\b(?:shutdown|halt|poweroff)\s+(?:-\w|now\b)",
    r"\b(?:kill|killall|pkill)\s+-(?:9|KILL|SIGKILL)\s+[-\d$]",
    r"\bgit\s+(?:push\b" + _WITHIN + r"\s(?:--force|-f\b)|reset\s+--hard|clean\s+-\w*f)",
    r"\btruncate\s+-s\s*0",
    # clusters and clouds
    rf"\b(?:kubectl|oc|k){_MORE}{{0,8}}\s+delete\b(?!\s+(?:pods?|po)[\s/])",
    r"\bkubectl\b" + _WITHIN + r"\s--(?:all|force|grace-period=0)\b(?!-)",
    rf"\b(?:{_TOOLS}){_MORE}{{0,4}}(?:\s+|\s\S*[_-])(?:{_VERBS})(?:\b|_)",
    rf"\baws{_MORE}{{1,6}}\s+(?:delete|terminate|purge|deregister|destroy|revoke)-\w",
    r"\baws\s+s3\s+(?:rm|rb)\b|\baws\s+s3\s+sync\b" + _WITHIN + r"--delete\b",
    r"\bkafka-[\w.-]+\s" + _WITHIN + r"--delete\b",
    r"\b(?:curl|wget|https?)\s" + _WITHIN + r"(?:-X\s?|--request[ =]|(?<=\s))DELETE\b",
    # databases
    r"\bdrop\s+(?:table|database|schema|keyspace|index|view|column|user|role|collection)\b",
    r"\bdelete\s+from\s+\w|\btruncate\s+table\b|\btruncate\s+[\w.]+\s*;|\bupdate\s+[\w.]+\s+set\s+\w+\s*=",
    r"\bflush(?:all|db)\b|\b(?:redis|valkey)-cli\b" + _WITHIN + r"\b(?:del|unlink|flush\w*|shutdown)\b",
    r"\bdb(?:\.\w+)*\.(?:drop\w*|remove|deleteMany|deleteOne)\s*\(",
    # code
    r"\b(?:rmtree|removedirs|rimraf|unlink(?:Sync)?|rmSync|rmdirSync|deleteRecursively)\s*\(|\bunlink\s+glob\b",
    r"\bos\.(?:remove|unlink|rmdir|system)\s*\(|\bsubprocess\.\w+\s*\(",
    r"\.(?:delete|terminate|purge|destroy)_?[A-Za-z]\w*\s*\(",
    r"\b(?:Remove|Clear|Format|Uninstall|Stop)-(?:Item|Az|Computer|Volume|Disk|Content|EC2|S3|RDS|Partition)\w*",
)  # fmt: skip
_TOLD = (
    r"(?:^|[.;:,!?]\s+|\b(?:please|should|must|then|now|just|simply|first)\s+)(?:"
    rf"(?:delete|drop|wipe|purge|erase|destroy|truncate|format|nuke)\s+(?:\S+\s+){{0,3}}?(?:{_DATA})\b"
    r"|(?:delete|wipe|purge|erase|destroy)\s+(?:\S+\s+){0,3}?data\b)"
)
"""A sentence that tells to destroy data."""
_ELSEWHERE = (
    r"\b(?:lösch|entfern|vernicht|supprim|efface|détrui|elimin[ae]|borr[ae]|apag[ae])\w*"
    r"|\b(?:удали|удалите|сотри|уничтож)\w*|删除|刪除|清空|削除"
)
_OBJECT = (
    r"(?:namespace|deployment|pod|cluster|volume|daten|database|base de d|tabelle|tabla|tabela|datos|"
    r"пространств|базу|命名空间|数据库|集群|名前空間)"
)
"""The same verbs in other languages, with an object of theirs before or behind."""
_DESTROYS = re.compile(
    "|".join((*_ROWS, _TOLD, rf"(?:{_ELSEWHERE}).{{0,40}}{_OBJECT}|{_OBJECT}.{{0,40}}(?:{_ELSEWHERE})")), re.IGNORECASE
)


def destroys(text: str) -> bool:
    """Whether a command or a sentence in the text destroys something."""
    return _DESTROYS.search(text) is not None
