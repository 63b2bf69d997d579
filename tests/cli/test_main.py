"""The command line: quick to start, one-line errors, exit codes 0, 2 and 3, and the public JSON."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]


def chatops(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, with nothing configured but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    home = environment.pop("HOME", "/dev/null/home")
    return subprocess.run(
        [sys.executable, "-c", "from chatops.cli import main; main()", *arguments],
        input=stdin, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        env={**kept, "HOME": home, **environment},
    )  # fmt: skip


def test_help_names_the_commands_and_loads_no_sdk() -> None:
    code = (
        "import sys\nfrom chatops.cli import main\nsys.argv = ['chatops', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "sdks = ('anthropic', 'boto3', 'botocore', 'kubernetes', 'docket', 'slack_bolt', 'prometheus_api_client')\n"
        "print('LOADED', [name for name in sdks if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60
    )
    assert "LOADED []" in done.stdout
    for command in ("investigate", "serve", "demo", "doctor", "manifest", "causes", "runbooks", "policy", "redact"):
        assert command in done.stdout


def test_causes_are_listed_as_json() -> None:
    rows = json.loads(chatops("causes", "--format", "json").stdout)
    assert {"code", "kind", "area", "title", "next_step", "aliases", "runbook"} <= rows[0].keys()
    assert len({row["code"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("arguments", "environment", "line"),
    [
        (["investigate"], {}, "say what is wrong"),
        (["investigate", "--alert", "/nonexistent"], {}, "No such file"),
        (["investigate", "--alert", "pyproject.toml"], {}, "not JSON"),
        (["investigate", "x", "-e", "nowhere"], {}, "--environment nowhere"),
        (["serve"], {"CHATOPS_PORT": "abc"}, "port (CHATOPS_PORT)"),
        (["serve"], {"CHATOPS_REDIS__URL": "http://x"}, "redis.url (CHATOPS_REDIS__URL)"),
        (["serve"], {"CHATOPS_SLACK__BOT_TOKEN": "x", "CHATOPS_REDIS__URL": "redis://127.0.0.1:1"}, "redis.url"),
        (["runbooks", "search", "x", "--dir", "/nonexistent"], {}, "there is no folder"),
        (["demo", "--incident", "nonesuch"], {}, "there is none of this name"),
        (["alerts", "test", "pyproject.toml"], {}, "not JSON"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(
    arguments: list[str], environment: dict[str, str], line: str, tmp_path: Path
) -> None:
    done = chatops(*arguments, HOME=str(tmp_path), **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert line in done.stderr
    assert done.stderr.count("\n") == 1


def test_nothing_reachable_is_exit_code_3_and_still_a_diagnosis(tmp_path: Path) -> None:
    done = chatops("investigate", "x", "--no-model", "--format", "json", HOME=str(tmp_path))
    assert done.returncode == 3
    diagnosis = json.loads(done.stdout)
    assert diagnosis["schema"] == "chatops.diagnosis/1"
    assert diagnosis["verdict"] in ("blocked", "inconclusive")
    assert {row["state"] for row in diagnosis["coverage"]} == {"not configured"}
    jsonschema.validate(diagnosis, json.loads(chatops("schema").stdout))


def test_an_unreachable_source_is_a_coverage_row(tmp_path: Path) -> None:
    done = chatops(
        "investigate", "x", "-n", "shop", "--no-model", "--format", "json",
        HOME=str(tmp_path), CHATOPS_PROMETHEUS__URL="http://127.0.0.1:1",
    )  # fmt: skip
    rows = [row for row in json.loads(done.stdout)["coverage"] if row["source"] == "prometheus"]
    assert rows
    assert {row["state"] for row in rows} <= {"failed", "skipped"}
    assert any("unreachable" in row["detail"] for row in rows)
    assert done.returncode == 3


def test_the_policy_answers_one_command_or_many() -> None:
    one = json.loads(chatops("policy", "check", "--", "kubectl", "delete", "pod", "x").stdout)
    assert (one["verdict"], one["argv"]) == ("writes", ["kubectl", "delete", "pod", "x"])
    lines = chatops("policy", "check", stdin="kubectl get pods\nrm -rf /\nls | tee x\n").stdout.splitlines()
    assert json.loads(lines[0])["verdict"] == "read-only"
    assert all(json.loads(line)["verdict"] != "read-only" for line in lines[1:])


def test_redact_filters_and_keeps_the_rest(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    done = chatops("redact", stdin=f"before {token} after\nplain ünïcode\n", HOME=str(tmp_path))
    assert token not in done.stdout
    assert done.stdout.startswith("before [secret:")
    assert done.stdout.endswith("after\nplain ünïcode\n")


def test_a_wrong_length_of_time_is_told(tmp_path: Path) -> None:
    answer = chatops("investigate", "x", "--since", "5parsecs", HOME=str(tmp_path))
    assert (answer.returncode, answer.stderr) == (
        2,
        "chatops: --since 5parsecs: give a number and a unit: 30m, 2h, 1d\n",
    )


def test_a_source_that_is_away_leaves_nothing_reached(tmp_path: Path) -> None:
    answer = chatops("investigate", "x", "--no-model", HOME=str(tmp_path), CHATOPS_PROMETHEUS__URL="http://127.0.0.1:9")
    assert answer.returncode == 3
    assert "nothing could be reached: what was tried failed (`chatops doctor` says more)" in answer.stderr


def test_a_source_that_trickles_for_ever_does_not_hold_up_the_end(tmp_path: Path) -> None:
    over = threading.Event()

    class Trickling(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while not over.wait(0.1):
                    self.wfile.write(b" ")

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Trickling)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    answer = chatops("investigate", "x", "--no-model", HOME=str(tmp_path), CHATOPS_PROMETHEUS__URL=address,
                     CHATOPS_PROMETHEUS__TIMEOUT="0.5")  # fmt: skip
    over.set()
    server.shutdown()
    server.server_close()
    assert answer.returncode == 3  # and not killed by the time limit above
    assert "no answer within" in answer.stdout


def test_runbooks_are_found_from_standard_input(tmp_path: Path) -> None:
    done = chatops("runbooks", "search", "-", stdin="container killed for memory\nxyzzy plugh\n", HOME=str(tmp_path))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first[0]["score"] > 0
    assert second == []


def test_an_alert_file_shows_what_it_becomes(tmp_path: Path) -> None:
    labels = {"alertname": "A", "namespace": "shop"}
    alert = {"status": "firing", "labels": labels, "startsAt": "2026-03-01T11:50:00Z", "fingerprint": "f"}
    payload = {"version": "4", "groupKey": "g", "alerts": [alert]}
    done = chatops("alerts", "test", "-", stdin=json.dumps(payload), HOME=str(tmp_path))
    shown = json.loads(done.stdout)
    assert (shown["source"], shown["scope"]["namespace"], shown["channel"]) == ("alertmanager", "shop", "#incidents")


def test_the_manifest_and_the_settings_are_json(tmp_path: Path) -> None:
    assert json.loads(chatops("manifest").stdout)["settings"]["socket_mode_enabled"] is True
    shown = chatops("settings", "show", HOME=str(tmp_path), CHATOPS_SLACK__BOT_TOKEN="xoxb-" + "secret").stdout
    assert json.loads(shown)["slack"]["bot_token"] == "**********"


def test_doctor_names_what_is_broken_and_what_to_do(tmp_path: Path) -> None:
    done = chatops("doctor", "--format", "json", HOME=str(tmp_path), CHATOPS_PROMETHEUS__URL="http://127.0.0.1:1")
    assert done.returncode == 3
    rows = {(row["part"], row["state"]) for row in json.loads(done.stdout)}
    assert ("redis", "works") in rows
    assert ("prometheus", "broken") in rows
    assert ("kubernetes", "not configured") in rows
    broken = next(row for row in json.loads(done.stdout) if row["part"] == "prometheus" and row["state"] == "broken")
    assert broken["remedy"]
