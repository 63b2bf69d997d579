"""Over TLS: a server with a certificate of one's own authority, and an ACL user; the queue goes the same way."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatops.domain.ports import StoreUnavailable
from chatops.store import RedisStore, close, connect
from chatops.triage.jobs import open_jobs
from tests import factories
from tests.store.servers import free_port

BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
USERS = "user default off\nuser chatops on >pw ~chatops* &* +@all\n"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(BINARY is None, reason="a Redis with TLS is missing (Debian: redis-server)"),
]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificates(folder: Path) -> None:
    """`ca.crt`, and `server.crt` with `server.key` signed by it for 127.0.0.1."""
    now = datetime.datetime.now(datetime.UTC)
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    for name, key in (("ca", authority), ("server", own)):
        builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name("ca"))
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        signed = builder.sign(authority, hashes.SHA256())
        (folder / f"{name}.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(pem)


@contextlib.asynccontextmanager
async def tls_server(folder: Path) -> AsyncIterator[int]:
    """A Redis that takes TLS only; yields its port."""
    certificates(folder)
    (folder / "users.acl").write_text(USERS)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(BINARY), "--port", "0", "--tls-port", str(port), "--tls-cert-file", "server.crt",
        "--tls-key-file", "server.key", "--tls-ca-cert-file", "ca.crt", "--tls-auth-clients", "no",
        "--aclfile", str(folder / "users.acl"), "--dir", str(folder),
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(500):
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.02)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_a_server_of_ones_own_authority_with_an_acl_user(tmp_path: Path) -> None:
    async with tls_server(tmp_path) as port:
        url = f"rediss://chatops:pw@127.0.0.1:{port}/0?ssl_ca_certs={tmp_path / 'ca.crt'}"
        client = connect(url)
        store, incident = RedisStore(client), factories.incident()
        await store.add(incident)
        assert await store.get(incident.id) == incident
        async with open_jobs(url, "chatops-jobs", datetime.timedelta(days=1), lambda: None) as jobs:
            await jobs.triage(incident.id)
            assert [key for key, _, _ in await jobs.waiting()] == [f"triage:{incident.id}"]
        await close(client)
        untrusted = f"rediss://chatops:pw@127.0.0.1:{port}/0"
        plain = f"redis://chatops:pw@127.0.0.1:{port}/0"
        for wrong in (untrusted, plain, url.replace(":pw@", ":no@")):
            client = connect(wrong)
            with pytest.raises(StoreUnavailable):
                await RedisStore(client).ping()
            await close(client)
