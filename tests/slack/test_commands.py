"""What was meant."""

from __future__ import annotations

import pytest

from chatops.slack.commands import GRAMMAR, help_rows, parse, spoken, unmarked

ID = "inc-1n8z0w0abcdefghj"


@pytest.mark.parametrize(
    ("typed", "name", "words", "incident"),
    [
        ("", "help", "", ""),
        ("   ", "help", "", ""),
        ("HELP", "help", "", ""),
        ("status", "status", "", ""),
        ("catchup", "status", "", ""),
        ("Why?", "why", "", ""),
        ("Status.", "status", "", ""),
        ("stop!", "stop", "", ""),
        (f"status {ID}", "status", "", ID),
        (f"resolve {ID} rolled back", "resolve", "rolled back", ID),
        ("resolve rolled back to 1.4", "resolve", "rolled back to 1.4", ""),
        ("runbook OOM killed", "runbook", "OOM killed", ""),
        ("why is checkout slow", "ask", "why is checkout slow", ""),
        ("status of the cart", "ask", "status of the cart", ""),
        ("stop the pods from restarting", "ask", "stop the pods from restarting", ""),
        ("list all failing pods", "ask", "list all failing pods", ""),
        ("checkout   is\nslow", "ask", "checkout is slow", ""),
        ("status inc-nonsense", "ask", "status inc-nonsense", ""),
    ],
)
def test_parsing(typed: str, name: str, words: str, incident: str) -> None:
    asked = parse(typed)
    assert (asked.command.name, asked.words, asked.incident) == (name, words, incident)


def test_every_sub_command_is_in_the_help() -> None:
    forms = [form.split()[0] for form, _ in help_rows()]
    assert forms == ["<question>", *(row.name for row in GRAMMAR[1:])]


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("<@U0BOT> cart is slow", "cart is slow"),
        ("<@U0BOT|chatops>  status", "status"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("see <https://x.example/a|the dashboard> and <https://y.example>", "see the dashboard and https://y.example"),
        ("in <#C012|incidents> ask <!subteam^S1|@sre>", "in incidents ask @sre"),
    ],
)
def test_slack_markup_becomes_words(sent: str, typed: str) -> None:
    assert unmarked(sent) == typed


def test_a_message_keeps_its_lines_and_whom_it_is_for() -> None:
    sent = "<@U0BOT> <@U2> <!here> see\n```\nNAME   READY\na      0/1\n```"
    assert spoken(sent, "U0BOT") == "@U2 @here see\n```\nNAME   READY\na      0/1\n```"
