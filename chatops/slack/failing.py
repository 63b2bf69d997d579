"""What becomes of a request that could not be done: is it tried again, what does the log say, and what is Slack told?

Bolt would log a traceback for each attempt, also for what is nobody's mistake in the code.
"""

from __future__ import annotations

import logging

from slack_bolt.response import BoltResponse

from chatops.domain.ports import StoreUnavailable
from chatops.slack import modals, requests
from chatops.slack.calls import SlackError
from chatops.slack.desk import team_of
from chatops.slack.requests import Body

log = logging.getLogger(__name__)

NOT_INSTALLED = "This app is not installed in this workspace (any more). Its log says what to do, to whoever runs it."


async def failed(error: Exception, body: Body) -> BoltResponse:
    """A 500, after which the inbox tries again; where the app is not installed, the last word."""
    if isinstance(error, SlackError) and error.code == "not_installed":
        log.warning("%s asks for something: %s", team_of(body) or "a workspace", error.detail)
        if requests.is_form(body):
            return BoltResponse(status=200, body=modals.mistaken(body["view"], NOT_INSTALLED))
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": NOT_INSTALLED})
    known = isinstance(error, SlackError | StoreUnavailable)
    log.error("a request of Slack was not done: %s", error, exc_info=None if known else error)
    return BoltResponse(status=500)
