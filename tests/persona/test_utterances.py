"""What people write at three in the morning: what of it is for the app, and what it tells."""

from __future__ import annotations

import pytest

from chatops.persona.utterances import chatter, heard


@pytest.mark.parametrize(
    "said",
    [
        "we rolled back at 10:42", "ok rolled back to v41", "reverting now", "rollback done", "put the old image back",
        "I've reverted the configmap", "we didnt deploy anything today", "nobody touched the db", "the fix is out",
        "fyi we failed over to the replica 10:38", "bounced the pods", "vendor says they have an outage",
        "orders looks fine to me", "it's back", "is down again", "can't reproduce it here", "works in staging",
        "customers in DE only", "I think it's the connection pool", "p99 is 4s", "rollback didn't help",
        "calls to payments fail since 10:31", "was restarted at 10:40", "did a rollback", "checks are green again",
        "no, that was yesterday", "scratch that, the rollback failed", "please ignore my last message, it was tuesday",
        "sorry, wrong service, I restarted orders not checkout", "@U2 I rolled back checkout", "trying a restart",
        "hab die db neu gestartet", "on a redémarré la base il y a 5 minutes", "reiniciei o banco",
        "it began after lunch", "we had this last month, it was the pool", "I don't think it's cart",
        "confirmed, it's the pool", "tried that, no luck", "10:42にロールバックしました", "откатили релиз в 10:42",
    ],
)  # fmt: skip
def test_what_tells_of_the_systems_is_stated(said: str) -> None:
    words = heard(said)
    assert (words.stated, words.asked, words.pasted) == (said, "", "")


@pytest.mark.parametrize(
    "said",
    [
        "is it the database?", "why is checkout oom", "anything in the logs", "did anyone deploy", "was it the deploy",
        "show me the logs of checkout", "check the orders db", "is redis ok", "restart the pods", "fix it please",
        "could the deploy at 10:29 be the cause?", "did the rollback at 10:42 help", "has it recovered", "and now?",
        "are all pods affected or only some", "hi, what changed", "whats going on", "summarize please", "root cause?",
        "did we see this before", "so is it fixed", "if we roll back, is it better?", "liegt es an der Datenbank?",
        "more detail please", "investigate kafka", "dig into the ingress",
        "warum ist checkout so langsam", "¿qué cambió?", "qu'est-ce qui a changé ?", "为什么这么慢？",
    ],
)  # fmt: skip
def test_what_asks_is_a_question(said: str) -> None:
    words = heard(said)
    assert (words.asked, words.stated) == (said, "")


@pytest.mark.parametrize(
    ("said", "stated", "asked"),
    [
        ("We rolled back at 10:42. Is it better?", "We rolled back at 10:42.", "Is it better?"),
        ("we rolled back at 10:42, is it better now?", "we rolled back at 10:42", "is it better now?"),
        ("restarted redis, did that help?", "restarted redis", "did that help?"),
        ("reverted at 10:41 — any change?", "reverted at 10:41", "any change?"),
        ("thanks! The vendor broke 1.4.2\nwhat else?", "The vendor broke 1.4.2", "what else?"),
    ],
)
def test_a_message_may_do_both(said: str, stated: str, asked: str) -> None:
    words = heard(said)
    assert (words.stated, words.asked) == (stated, asked)


@pytest.mark.parametrize(
    "said",
    [
        "ok", "thx", "+1", "👀", "brb", ":eyes: :thumbsup:", "on it", "thanks!", "good morning everyone", "same here",
        "great work team", "give me a sec", "ok thanks, looking now", "sounds good", "I'm IC", "danke", "谢谢",
        "getting coffee", "let's jump on a call", "I'll page the db team", "zoom link: https://zoom.us/j/123456",
        "@U2 can you take this?", "@here anyone from the platform team?", "hey @U2, did you deploy anything?",
        "I don't think so", "maybe later", "I see", "who is driving?",
        "who's on call for payments?", "can someone from dba join?", "does anybody have the zoom link?", "", "   ",
    ],
)  # fmt: skip
def test_talk_between_people_is_nothing_for_the_app(said: str) -> None:
    assert heard(said).silent


def test_chatter_is_what_holds_nothing_else() -> None:
    assert chatter("ok, thanks :pray:")
    assert not chatter("ok rolled back")
    assert not chatter("ok " * 100)


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01T10:41:07Z ERROR orders: connection refused db:5432",
        "NAME           READY   STATUS    RESTARTS   AGE",
        "checkout-7d9f8b6c5d-x2v4q   0/1     CrashLoopBackOff   7          12m",
        "  Warning  BackOff  2m (x12 over 5m)  kubelet  Back-off restarting failed container",
        '{"level":"error","msg":"no route"}',
        "Traceback (most recent call last):",
        "Nov 28 10:41:07 node-3 kernel: Out of memory: Killed process 1234",
    ],
)
def test_what_a_program_wrote_is_kept_as_it_came(line: str) -> None:
    words = heard(f"got this\n{line}\nis it the db?")
    assert (words.pasted, words.asked) == (line, "is it the db?")


def test_a_fence_holds_output_whatever_it_says() -> None:
    words = heard("```java.lang.OutOfMemoryError: Java heap space\n  at com.shop.Cart.load(Cart.java:41)```")
    assert words.pasted.splitlines()[0] == "java.lang.OutOfMemoryError: Java heap space"
    assert (words.stated, words.asked) == ("", "")


def test_a_change_is_told_from_a_state() -> None:
    assert heard("we scaled orders to 6").changed
    assert not heard("orders looks fine").changed
