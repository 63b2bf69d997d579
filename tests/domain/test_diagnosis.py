"""The public JSON of an answer."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from chatops.domain.diagnosis import SCHEMA, Diagnosis, Hypothesis
from tests.factories import diagnosis, hypothesis


def test_it_says_which_schema_it_is_and_reads_itself_back() -> None:
    written = diagnosis().model_dump_json(by_alias=True)
    assert json.loads(written)["schema"] == SCHEMA
    assert Diagnosis.model_validate_json(written).model_dump_json(by_alias=True) == written


@pytest.mark.parametrize("confidence", [-0.1, 1.1])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValidationError, match="confidence"):
        Hypothesis.model_validate({**hypothesis().model_dump(), "confidence": confidence})
