from chatops.demo.kubernetes.resources import BY_KEY, FORBIDDEN, GROUP_VERSIONS, RESOURCES


def test_keys_are_unique_and_the_core_group_comes_first() -> None:
    assert len(BY_KEY) == len(RESOURCES)
    assert GROUP_VERSIONS[0] == "v1"


def test_the_group_is_what_stands_before_the_version() -> None:
    assert BY_KEY["v1/pods"].group == ""
    assert BY_KEY["apps/v1/deployments"].group == "apps"


def test_secrets_exist_and_are_forbidden() -> None:
    assert {"v1/secrets"} == {key for key in BY_KEY if BY_KEY[key].plural in FORBIDDEN}
