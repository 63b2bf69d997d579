"""Rows of the tools of storage, networks, name and mail servers, virtual machines and language runtimes."""

from __future__ import annotations

from chatops.policy.grammar.clouds import ELSEWHERE
from chatops.policy.grammar.model import UNKNOWN, Tool, paths, words
from chatops.policy.grammar.verbs import verdict_table

STORAGE = (
    Tool(
        "ceph",
        reads=paths(
            "status, health, df, osd tree, osd df, osd stat, osd dump, osd pool ls, osd pool stats, osd perf, "
            "osd status, "
            "osd crush tree, osd crush rule ls, pg stat, pg ls, pg dump, pg dump_stuck, mon stat, mon "
            "dump, mgr dump, mds stat, fs status, fs ls, "
            "quorum_status, versions, version, report, crash ls, crash info, device ls, orch ps, orch ls, orch status, "
            "orch host ls, features, time-sync-status, log last, balancer status, progress"
        ),
        secrets=paths("auth, config dump, config get, config-key"),
        writing=paths("osd, pg, mon, mgr, mds, fs, orch, tell, daemon, config set"),
        bare=words("-s --status -v --version"),
        values=words("-f --format"),
        refused=verdict_table(
            "-c --conf -n --name --id -k --keyring -m -i -o -w", UNKNOWN, "acts as somebody else or elsewhere"
        ),
    ),
    Tool(
        "rados",
        reads=paths("df, lspools, ls, stat"),
        writing=paths("put, get, rm, mkpool, rmpool, cp, bench, purge, append, create"),
        values=words("-p --pool"),
    ),
    Tool(
        "rbd",
        reads=paths(
            "ls, list, info, status, du, snap ls, showmapped, device list, mirror pool status, mirror image status"
        ),
        writing=paths(
            "create, rm, remove, map, unmap, resize, snap create, snap rm, snap purge, snap rollback, import, "
            "export, feature, lock, flatten, clone, mv, rename, trash"
        ),
        values=words("-p --pool"),
    ),
    Tool(
        "gluster",
        reads=paths("volume status, volume info, volume list, peer status, pool list, version"),
        writing=paths("volume, peer, snapshot, system"),
    ),
    Tool(
        "s3cmd",
        reads=paths("ls, la, info, du, multipart, getlifecycle, accesslog"),
        writing=paths(
            "mb, rb, put, get, del, rm, restore, sync, cp, mv, modify, setacl, setpolicy, delpolicy, expire, signurl"
        ),
        tried=words("-n --dry-run"),
        tries=paths("put, get, del, rm, sync, cp, mv"),
        switches=words("-n --dry-run -r --recursive -H --human-readable-sizes"),
        refused=verdict_table(
            "-c --config --access_key --secret_key --access_token --host --host-bucket --dump-config --configure",
            UNKNOWN,
            "acts as somebody else or elsewhere",
        ),
    ),
    Tool(
        "s5cmd",
        reads=paths("ls, du, head, version"),
        writing=paths("cp, mv, rm, sync, mb, rb, run, pipe, select, cat"),
        refused=verdict_table(
            "--endpoint-url --credentials-file --profile", UNKNOWN, "acts as somebody else or elsewhere"
        ),
    ),
)

NETWORKS = (
    Tool(
        "tailscale",
        reads=paths(
            "status, ping, netcheck, ip, version, whois, dns status, exit-node list, serve status, funnel "
            "status, metrics"
        ),
        writing=paths("up, down, set, login, logout, switch, serve, funnel, ssh, file, cert, lock, update, web, debug"),
    ),
    Tool(
        "tsh",
        reads=paths("status, ls, clusters, version, kube ls, db ls, apps ls, sessions ls, recordings ls, request ls"),
        writing=paths("ssh, login, logout, scp, join, play, kube login, db login, db connect, apps login, proxy, aws"),
    ),
    Tool(
        "tctl",
        reads=paths(
            "status, version, nodes ls, users ls, alerts ls, inventory list, inventory ls, devices ls, bots ls, "
            "requests ls, lock --help"
        ),
        secrets=paths("tokens ls, get, auth export, auth sign"),
        writing=paths(
            "users add, users rm, users update, create, rm, tokens add, tokens rm, lock, edit, requests approve, "
            "requests deny"
        ),
    ),
    Tool(
        "zerotier-cli",
        reads=paths("status, info, listnetworks, listpeers, peers"),
        writing=paths("join, leave, set, orbit, deorbit"),
    ),
    Tool(
        "ngrok",
        reads=paths("version, config check"),
        writing=paths("http, tcp, tls, start, config add-authtoken, config edit"),
    ),
    Tool(
        "varnishadm",
        reads=paths("ping, status, backend.list, vcl.list, ban.list, panic.show, storage.list, param.show, banner"),
        writing=paths(
            "stop, start, ban, vcl.use, vcl.load, vcl.discard, param.set, backend.set_health, panic.clear, vcl.inline"
        ),
        refused=verdict_table("-S -T", UNKNOWN, "acts as somebody else or elsewhere"),
    ),
    Tool(
        "rndc",
        reads=paths("status, zonestatus, recursing --help"),
        writing=paths(
            "reload, flush, stop, halt, freeze, thaw, reconfig, sync, dumpdb, querylog, addzone, delzone, "
            "modzone, retransfer, notify"
        ),
        secrets=paths("tsig-list"),
    ),
    Tool(
        "pdnsutil",
        reads=paths("list-all-zones, list-zone, check-zone, check-all-zones, show-zone, list-keys --help"),
        writing=paths(
            "create-zone, delete-zone, edit-zone, add-record, delete-rrset, replace-rrset, increase-serial, "
            "rectify-zone, secure-zone, load-zone"
        ),
        secrets=paths("list-tsig-keys, export-zone-key"),
    ),
    Tool(
        "unbound-control",
        reads=paths(
            "status, stats_noreset, list_stubs, list_forwards, list_local_zones, list_local_data, lookup, "
            "get_option, list_auth_zones"
        ),
        writing=paths(
            "start, stop, reload, stats, flush, flush_zone, set_option, forward_add, forward_remove, local_zone, "
            "local_data, verbosity"
        ),
        refused=verdict_table("-c -s", UNKNOWN, "acts elsewhere"),
    ),
    Tool(
        "doveadm",
        reads=paths(
            "who, log find, service status, replicator status, mailbox list, mailbox status, quota get, process status"
        ),
        writing=paths(
            "kick, expunge, reload, stop, purge, move, copy, sync, mailbox delete, mailbox create, altmove, "
            "force-resync"
        ),
        secrets=paths("auth, pw, user"),
    ),
    Tool(
        "nodetool",
        reads=paths(
            "status, info, ring, tpstats, compactionstats, netstats, cfstats, tablestats, describecluster, "
            "describering, gossipinfo, version, cfhistograms, tablehistograms, proxyhistograms, gcstats, "
            "getlogginglevels, getcompactionthroughput, getstreamthroughput, listsnapshots, statusgossip, "
            "statusbinary, statushandoff, toppartitions, getendpoints, compactionhistory, failuredetector, "
            "clientstats"
        ),
        writing=paths(
            "drain, flush, repair, cleanup, decommission, removenode, assassinate, compact, snapshot, "
            "clearsnapshot, scrub, rebuild, refresh, stopdaemon, disablegossip, enablegossip, disablebinary, "
            "enablebinary, setlogginglevel, truncatehints, move, stop, upgradesstables, "
            "sethintedhandoffthrottlekb"
        ),
        values=words("-h --host -p --port"),
        refused=verdict_table("-pw --password -pwf --password-file -u --username", UNKNOWN, "shows or uses a password"),
    ),
    Tool(
        "pulsar-admin",
        nouns=True,
        reads=paths(
            "topics stats, topics stats-internal, topics partitioned-stats, topics subscriptions, brokers "
            "healthcheck, brokers list, clusters list, tenants list, namespaces policies, topics peek-messages "
            "--help"
        ),
        secrets=paths("tokens"),
        refused=ELSEWHERE,
    ),
    Tool("opensearch-cli", nouns=True),
)

MACHINES = (
    Tool(
        "openstack",
        nouns=True,
        things=words("server image console load"),
        secrets=paths("token issue, console url show, ec2 credentials, credential, application credential, secret"),
        writing=paths("server ssh"),
        refused=verdict_table(
            "--os-auth-url --os-token --os-password --os-username --os-cloud --os-endpoint --insecure",
            UNKNOWN,
            "acts as somebody else or elsewhere",
        ),
    ),
    Tool(
        "govc",
        reads=paths(
            "ls, about, find, events, vm.info, host.info, datastore.info, datastore.ls, pool.info, "
            "cluster.usage, metric.ls, metric.sample, alarms, tasks, version, datacenter.info, network.ls"
        ),
        refused=verdict_table("-u -k -cert -key", UNKNOWN, "acts as somebody else or elsewhere"),
    ),
    Tool(
        "lxc incus",
        reads=paths(
            "list, info, network list, network show, storage list, storage info, image list, profile list, "
            "cluster list, operation list, version, network info"
        ),
        secrets=paths("config show, config get, profile show"),
        writing=paths(
            "launch, init, start, stop, restart, delete, exec, file, config set, copy, move, publish, snapshot, "
            "restore, image delete, profile edit"
        ),
    ),
    Tool(
        "multipass",
        reads=paths("list, info, version, find, networks"),
        writing=paths(
            "launch, start, stop, delete, purge, exec, shell, mount, transfer, set, recover, suspend, restart"
        ),
    ),
    Tool(
        "qm pct",
        reads=paths("list, status, pending, listsnapshot"),
        writing=paths(
            "start, stop, shutdown, reset, destroy, create, clone, migrate, set, snapshot, delsnapshot, "
            "rollback, exec, enter, monitor, guest"
        ),
        secrets=paths("config"),
    ),
    Tool(
        "machinectl",
        reads=paths("list, status, list-images, image-status"),
        writing=paths(
            "start, stop, poweroff, reboot, terminate, kill, login, shell, remove, clone, pull-tar, copy-to, "
            "copy-from, enable, disable"
        ),
    ),
    Tool(
        "conda mamba",
        reads=paths("list, info, env list, search"),
        writing=paths("install, remove, update, create, run, clean, activate, config, env create, env remove"),
        refused=verdict_table("-c --channel --override-channels", UNKNOWN, "talks to an index that the command names"),
    ),
    Tool(
        "composer",
        reads=paths("show, outdated, validate, licenses, why, depends, audit, check-platform-reqs, status"),
        writing=paths(
            "install, update, require, remove, create-project, run-script, exec, dump-autoload, global, "
            "self-update, clear-cache, config"
        ),
    ),
    Tool(
        "step",
        reads=paths("certificate inspect --help, ca health, version"),
        writing=paths("ca, certificate, crypto, ssh, oauth"),
    ),
    Tool(
        "bw lpass",
        reads=paths("status"),
        secrets=paths("get, list, show, export, ls"),
        writing=paths("login, logout, lock, unlock, create, edit, delete, sync, rm, add, import, share"),
    ),
    Tool(
        "nvme",
        reads=paths("list, list-subsys, smart-log, error-log, id-ctrl, id-ns, fw-log, version"),
        writing=paths(
            "format, sanitize, reset, write, fw-download, fw-commit, delete-ns, create-ns, attach-ns, detach-ns, "
            "connect, disconnect, set-feature"
        ),
    ),
    Tool(
        "rocm-smi", bare=words("--showtemp --showuse --showmeminfo --showpids --showpower -a --showallinfo"), alone=True
    ),
    Tool(
        "bpftool",
        reads=paths(
            "prog list, prog show, map list, map show, net list, net show, link list, link show, cgroup tree, "
            "version, feature probe, btf list"
        ),
        writing=paths("prog, map, net, link, cgroup, btf, gen, struct_ops"),
    ),
    Tool(
        "dotnet",
        reads=paths("list package, nuget list source --help"),
        bare=words("--info --list-sdks --list-runtimes --version"),
        writing=paths("build, run, test, publish, restore, add, remove, new, clean, pack, tool, nuget, ef"),
    ),
)

TOOLS = STORAGE + NETWORKS + MACHINES
