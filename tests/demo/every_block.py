"""A message with every block type that the app may send, and how often each must be found in the page."""

from __future__ import annotations

from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def button(label: str, action: str, **more: Any) -> Block:
    return {"type": "button", "text": plain(label), "action_id": f"chatops.{action}", "value": "v", **more}


LABELS = [f"12:{minute:02d}" for minute in range(20)]
LINE = {"name": "errors", "data": [{"label": label, "value": n / 10} for n, label in enumerate(LABELS)]}
LIMIT = {"name": "threshold", "data": [{"label": label, "value": 1.0} for label in LABELS]}
CHART: Block = {"type": "line", "series": [LINE, LIMIT], "axis_config": {"categories": LABELS, "y_label": "ratio"}}
BARS: Block = {
    "type": "bar",
    "series": [{"name": "n", "data": [{"label": "a", "value": 3}, {"label": "b", "value": 1}]}],
}
PIE: Block = {"type": "pie", "segments": [{"label": "a", "value": 3}, {"label": "b", "value": 1}]}
MARKDOWN = """## Title

1. one `code`
2. [link](https://a.example)

| a | b |
|---|---|
| 1 | **2** |

```
x < y
```
> quoted"""
MRKDWN = "*bold* _it_ ~no~ `x` <https://a.example|a> <@U0YOU> &lt;b&gt;"
CELL = {"type": "raw_text", "text": "cell"}
CONFIRM = {"title": plain("Stop?"), "text": plain("It ends."), "confirm": plain("Stop"), "deny": plain("Not now")}
CONFIRMED: Block = {"type": "actions", "elements": [button("Stop", "stop", style="danger", confirm=CONFIRM)]}
THUMBS = {
    "type": "feedback_buttons",
    "action_id": "chatops.feedback",
    "positive_button": {"text": plain("Helpful"), "value": "y"},
    "negative_button": {"text": plain("Not helpful"), "value": "n"},
}
RICH: Block = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "bold", "style": {"bold": True}}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "pre"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quote"}]},
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "link", "url": "https://a.example"}]}],
        },
    ],
}
TASKS = [
    {"type": "task_card", "task_id": "1", "title": "done", "status": "complete", "output": RICH},
    {"type": "task_card", "task_id": "2", "title": "now", "status": "in_progress"},
]
MESSAGE: list[Block] = [
    {"type": "header", "text": plain("Headline :fire:")},
    {"type": "section", "text": mrkdwn(MRKDWN), "accessory": button("Run", "run")},
    {"type": "section", "fields": [mrkdwn("*a*"), mrkdwn("b")]},
    {"type": "context", "elements": [mrkdwn("small")]},
    {"type": "divider"},
    {"type": "actions", "elements": [button("Go", "go", style="primary"), button("Page", "page", url="https://a.example")]},
    {"type": "markdown", "text": MARKDOWN},
    RICH,
    {"type": "table", "rows": [[CELL, CELL], [CELL, CELL]]},
    {"type": "plan", "title": "Plan", "tasks": TASKS},
    {"type": "alert", "level": "warning", "text": plain("Careful")},
    {"type": "data_visualization", "title": "Errors", "chart": CHART},
    {"type": "data_visualization", "title": "Bars", "chart": BARS},
    {"type": "data_visualization", "title": "Pie", "chart": PIE},
    {"type": "card", "title": plain("Card"), "body": mrkdwn("body"), "actions": [button("In card", "card")]},
    {"type": "context_actions", "elements": [THUMBS]},
]  # fmt: skip
DRAWN = {
    "h2.header": 1,
    ".section": 2,
    ".fields .text": 2,
    ".context": 1,
    ".blocks > hr": 1,
    "button.action": 5,
    "a.action": 1,
    ".markdown table": 1,
    ".markdown pre": 1,
    ".markdown li": 2,
    ".rich": 2,
    ".plan .task": 2,
    ".alert.warning": 1,
    "svg.chart": 3,
    "polyline.threshold": 1,
    "rect.bar": 2,
    "path.bar": 2,
    ".card": 1,
    ".mention": 1,
}
VIEW: Block = {
    "type": "modal",
    "id": "V1",
    "callback_id": "x",
    "title": plain("Resolve"),
    "submit": plain("Resolved"),
    "close": plain("Not yet"),
    "blocks": [
        {"type": "section", "text": mrkdwn("What was it?")},
        {
            "type": "input",
            "block_id": "cause",
            "label": plain("Cause"),
            "element": {"type": "plain_text_input", "action_id": "cause", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "since",
            "optional": True,
            "label": plain("Since"),
            "hint": plain("How far back"),
            "element": {"type": "static_select", "action_id": "s", "options": [{"text": plain("1h"), "value": "1h"}]},
        },
        {
            "type": "input",
            "block_id": "place",
            "label": plain("Where"),
            "element": {"type": "conversations_select", "action_id": "c"},
        },
    ],
}
