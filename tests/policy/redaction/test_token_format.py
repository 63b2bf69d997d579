"""Tokens of providers' forms go wherever they stand; what only looks like one of them stays."""

from __future__ import annotations

import pytest

from chatops.policy.redaction import Redactor
from chatops.policy.redaction.token_format import row
from tests.policy.planted import HEX, LOWER, MIXED, UPPER, drawn

REDACTOR = Redactor(key=b"0" * 32)

FORMS = (
    *(
        ("f" + "w_", MIXED, 24, ""),
        ("nt" + "n_", MIXED, 46, ""),
        ("EAA" + "A", MIXED, 60, ""),
        ("rn" + "d_", MIXED, 28, ""),
    ),
    *(("np" + "g_", MIXED, 14, ""), ("AQ" + ".Ab", MIXED, 46, ""), ("apify" + "_api_", MIXED, 36, "")),
    *(
        ("dag" + "_eu1_", MIXED, 40, ""),
        ("inc" + "_", HEX, 64, ""),
        ("cfl" + "t", MIXED, 60, ""),
        ("API" + "-", UPPER, 30, ""),
    ),
    *(("", HEX, 36, "FFFF" + "NRAL"), ("", MIXED, 76, "AZ" + "DO1a2B"), ("", MIXED, 42, "Az" + "SeA1b2c3")),
    *(("", MIXED, 76, "+A" + "St1a2b3Q=="), ("", MIXED, 52, "JQQJ" + "99ABcdEF12ghIJ34klMNopQR")),
    *(("tgp" + "_v1_", MIXED, 43, ""), ("py" + "lf_v1_us_", MIXED, 43, ""), ("sign" + "key-prod-", HEX, 64, "")),
    *(("depot" + "_org_", HEX, 60, ""), ("AQ" + drawn(MIXED, 14, 3) + "hmfuXNWTK0Qc+i", MIXED, 60, "")),
    *(("st." + drawn(HEX, 24, 1) + "." + drawn(HEX, 32, 2) + ".", HEX, 32, ""), ("shop" + "_live_", MIXED, 40, "")),
    *(("SWM" + "TKN-1-", LOWER, 50, ""), ("SWM" + "KEY-1-", MIXED, 43, ""), ("pack" + "agist_ort_", HEX, 68, "")),
    *(("CCD" + "B1_" + drawn(MIXED, 22, 6) + "_", MIXED, 40, ""), ("Astra" + "CS:", MIXED, 24, "")),
    *(
        ("0" + "0D" + drawn(MIXED, 12, 8) + "!", MIXED, 96, ""),
        ("uca" + "t_", MIXED, 30, ""),
        ("ml" + "sn.", MIXED, 40, ""),
    ),
    *(("xapp" + "-1-A012B-123456-", LOWER, 9, ""), ("xox" + "e-1234567890-1234567890-", MIXED, 30, "")),
    *(("xox" + "d-", MIXED + "/+", 90, "=="), ("S" + "G.", LOWER + "-_", 66, ""), ("EAA" + "A", MIXED, 24, "")),
    *(("PM" + "AT-", UPPER, 26, ""), ("sk" + "-api-Aa1-", MIXED, 60, ""), ("bkp" + "at_", MIXED, 54, "")),
    *(("polar" + "_pat_", MIXED, 22, ""), ("acme" + "-live_", LOWER, 24, ""), ("ACME_CI" + "_", MIXED, 20, "")),
    *(("base64url.bearer.authorization.k8s" + ".io.", MIXED, 43, ""), ("retool" + "_", LOWER, 26, "")),
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[0] or form[3])
@pytest.mark.parametrize(
    "frame", ["{}", "call with {} was refused (401)", '{{"t":"{}"}}', "  value: {}\n", "see {}, then"]
)
def test_a_token_is_gone(form: tuple[str, str, int, str], frame: str) -> None:
    start, letters, length, end = form
    secret = drawn(letters, length, 11)
    assert secret not in REDACTOR.text(frame.format(start + secret + end))


@pytest.mark.parametrize(
    "text",
    [
        "user_2NNEqL2nrIRdJ194ndJqAHwEfxC signed in",
        "msg_01XFDUDYJgAACzvnptvVoYEL stop_reason=end_turn",
        "pi_3MtwBwLkdIwHu7ix28a3tqPa requires_action",
        f"etag_{drawn(HEX, 40, 1)} app-{drawn(HEX, 32, 2)}",
        f"sha_{drawn(HEX, 64, 3)}",
        f"shop/cart:prod-{drawn(HEX, 40, 4)} rolled out",
        f"ch_{drawn(MIXED, 24, 5)} declined for cus_{drawn(MIXED, 14, 5)}",
        "api_requests_in_flight_total_by_priority_level",
        "kube_persistentvolumeclaim_resource_requests_storage_bytes",
    ],
)
def test_a_name_of_an_object_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_a_row_is_written_with_blanks_between_its_literals() -> None:
    each = row("x", "a_ b_", "[ab]_.", back=2, loose=True)
    assert (each.kind, each.literals, each.pattern, each.back, each.loose) == ("x", ("a_", "b_"), "[ab]_.", 2, True)
