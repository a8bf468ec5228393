"""What the notes of every CRM have in common: whose they are, and how they fit. Knows no CRM."""

import html
import json
import urllib.error
import urllib.request

CALL_SECONDS = 10


class Trouble(Exception):
    """The CRM did not do it: the delivery is tried again."""

    printed = property(str)  # its text names nobody


def phones(document: dict) -> list[str]:
    """The other side's numbers: a direct chat's own; those of whoever wrote, in a group, which has none."""
    if document["chat"]["phone"]:
        return [document["chat"]["phone"]]
    written = (message for message in messages(document) if message["direction"] == "received")
    return list(dict.fromkeys(message["sender"]["phone"] for message in written if message["sender"]["phone"]))


def messages(document: dict) -> list[dict]:
    return document["messages"] if "messages" in document else [document["message"]]


def notes(document: dict, most: int) -> list[str]:
    """The note in HTML, as several where it has more characters than the CRM takes; it is cut between lines."""
    note = document.get("aggregation")
    if note is None:
        # Not aggregated: there is no ready-made one.
        message = document["message"]
        note = f"from {html.escape(message['sender']['full_name'])}: " + "<br/>".join(
            html.escape(line) for line in message["text"].splitlines()
        )
    pieces = [""]
    for line in note.split("<br/>"):
        # A line alone that is too long is one long text: it may lose an end, the document has it whole.
        line = line[: most - len("<br/>")]
        if pieces[-1] and len(pieces[-1]) + len("<br/>") + len(line) > most:
            pieces.append("")
        pieces[-1] += ("<br/>" if pieces[-1] else "") + line
    return pieces


def call(method: str, url: str, headers: dict, body: dict | None = None) -> dict:
    """One request; the answer's JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "accept": "application/json", **headers}
    try:
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Trouble(f"the CRM answered {error.code}") from None
    except (OSError, ValueError) as error:
        raise Trouble(f"the CRM was not reached: {type(error).__name__}") from None
