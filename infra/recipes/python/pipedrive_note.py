"""A bundle as a note on its Pipedrive persons, found by phone number. It makes no person.

    PIPEDRIVE_TOKEN=... PIPEDRIVE_URL=https://acme.pipedrive.com python3 receiver.py PORT FOLDER --to pipedrive

The token is a user's own, from the personal preferences; the notes are that user's.
"""

import os
import urllib.parse

import crm

TOKEN = os.environ["PIPEDRIVE_TOKEN"]
URL = os.environ["PIPEDRIVE_URL"]
NOTE_CHARACTERS = 100_000  # Pipedrive's limit, about


def deliver(document: dict) -> str:
    """What there is to say of it."""
    found = persons(crm.phones(document))
    if not found:
        return "no person has this number"
    pieces = crm.notes(document, NOTE_CHARACTERS)
    for person in found:
        for piece in pieces:
            call("POST", "/api/v1/notes", {"content": piece, "person_id": person})
    return f"{len(pieces)} notes on {len(found)} persons"


def persons(phones: list[str]) -> list[int]:
    """Exactly this number: a part of it may be somebody else's."""
    found = {}
    for phone in phones:
        query = urllib.parse.urlencode({"term": phone, "fields": "phone", "exact_match": "true"})
        answer = call("GET", f"/api/v2/persons/search?{query}")
        found |= {entry["item"]["id"]: None for entry in answer["data"]["items"]}
    return list(found)


def call(method: str, path: str, body: dict | None = None) -> dict:
    return crm.call(method, URL + path, {"x-api-token": TOKEN}, body)
