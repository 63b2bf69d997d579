import pytest

from chatops.demo.workspace.state import BOT_USER, DIRECT, INCIDENTS, PERSON, SlackRefused, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(lambda: 1_700_000_000.0)


def test_stamps_are_unique_and_rise_though_the_clock_stands(workspace: Workspace) -> None:
    stamps = [workspace.next_ts() for _ in range(50)]
    assert stamps == sorted(set(stamps))


def test_channels_go_by_id_name_and_person(workspace: Workspace) -> None:
    assert workspace.channel(INCIDENTS)["id"] == workspace.channel("#incidents")["id"] == INCIDENTS
    assert workspace.channel(PERSON)["id"] == DIRECT
    with pytest.raises(SlackRefused, match="channel_not_found"):
        workspace.channel("#nope")


def test_a_reply_counts_at_its_parent_and_stays_out_of_the_channel(workspace: Workspace) -> None:
    root = workspace.add(INCIDENTS, {"user": BOT_USER, "text": "root"})
    workspace.add(INCIDENTS, {"user": PERSON, "text": "reply", "thread_ts": root["ts"]})
    assert workspace.message(INCIDENTS, root["ts"])["reply_count"] == 1
    assert [m["text"] for m in workspace.history(INCIDENTS)] == ["root"]
    assert [m["text"] for m in workspace.replies(INCIDENTS, root["ts"])] == ["root", "reply"]


def test_what_only_one_person_sees_is_in_no_history(workspace: Workspace) -> None:
    workspace.add(INCIDENTS, {"user": BOT_USER, "text": "psst", "ephemeral": True})
    assert workspace.history(INCIDENTS) == []


async def test_watchers_hear_of_posts_edits_and_deletions(workspace: Workspace) -> None:
    with workspace.watching() as changes:
        ts = workspace.add(INCIDENTS, {"user": BOT_USER, "text": "a"})["ts"]
        workspace.edit(INCIDENTS, ts, text="b")
        workspace.remove(INCIDENTS, ts)
        assert [changes.get_nowait()["type"] for _ in range(3)] == ["message", "message", "deleted"]
    workspace.add(INCIDENTS, {"user": BOT_USER, "text": "unheard"})
    assert changes.empty()


async def test_a_watcher_that_sleeps_is_dropped_not_waited_for(workspace: Workspace) -> None:
    with workspace.watching():
        for number in range(1100):
            workspace.tell({"type": "message", "number": number})
