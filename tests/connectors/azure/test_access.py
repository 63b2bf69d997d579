"""As whom Azure is asked: by the settings first, then by the variables that AKS sets."""

from __future__ import annotations

from pydantic import SecretStr

from connectors.azure.access import Identity, tokens

AKS = {
    "AZURE_TENANT_ID": "t",
    "AZURE_CLIENT_ID": "c",
    "AZURE_FEDERATED_TOKEN_FILE": "/var/run/token",
    "AZURE_AUTHORITY_HOST": "https://login.example/",
}


def test_the_variables_of_the_cluster_are_an_identity() -> None:
    found = Identity.read({}, AKS)
    assert (found.tenant, found.client, found.federated_file) == ("t", "c", "/var/run/token")
    assert found.authority == "https://login.example"


def test_settings_go_before_them() -> None:
    found = Identity.read({"tenant": "own", "client_secret": SecretStr("s3")}, AKS)
    assert (found.tenant, found.client, found.secret) == ("own", "c", "s3")
    assert "s3" not in repr(found)


def test_a_token_that_is_given_goes_by_itself() -> None:
    assert tokens({"token": SecretStr("given")}, AKS) is None
    assert tokens({}, {}) is not None


def test_a_token_is_for_the_resource_that_is_asked() -> None:
    assert Identity.read({}, AKS).resource == "https://management.azure.com"
    assert Identity.read({}, AKS, "https://graph.microsoft.com/").resource == "https://graph.microsoft.com"
