"""A bundle as a note on its HubSpot contacts, found by phone number. It makes no contact.

    HUBSPOT_TOKEN=pat-... python3 receiver.py PORT FOLDER --to hubspot

The token is a private app's, with the scopes crm.objects.contacts.read and crm.objects.contacts.write.
"""

import os

import crm

TOKEN = os.environ["HUBSPOT_TOKEN"]
URL = os.environ.get("HUBSPOT_URL", "https://api.hubapi.com")
NUMBERS = ["phone", "mobilephone"]
NOTE_CHARACTERS = 65_536  # HubSpot's limit
TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}  # a note's, to a contact


def deliver(document: dict) -> str:
    """What there is to say of it."""
    found = contacts(crm.phones(document))
    if not found:
        return "no contact has this number"
    pieces = crm.notes(document, NOTE_CHARACTERS)
    for piece in pieces:
        properties = {"hs_timestamp": timestamp(document), "hs_note_body": piece}
        associations = [{"to": {"id": id}, "types": [TO_CONTACT]} for id in found]
        call("/crm/v3/objects/notes", {"properties": properties, "associations": associations})
    return f"{len(pieces)} notes on {len(found)} contacts"


def contacts(phones: list[str]) -> list[str]:
    """HubSpot keeps numbers that it has validated as they come here: a plus and digits."""
    found = {}
    for phone in phones:
        filters = [{"filters": [{"propertyName": name, "operator": "EQ", "value": phone}]} for name in NUMBERS]
        body = {"filterGroups": filters, "properties": ["hs_object_id"], "limit": 10}
        found |= {contact["id"]: None for contact in call("/crm/v3/objects/contacts/search", body)["results"]}
    return list(found)


def timestamp(document: dict) -> str:
    """When the conversation ended: there the note stands in the contact's timeline."""
    # 2021-02-24T16:25:29+0000, always UTC; HubSpot reads it with a Z.
    return crm.messages(document)[-1]["timestamp"].replace("+0000", "Z")


def call(path: str, body: dict) -> dict:
    return crm.call("POST", URL + path, {"authorization": f"Bearer {TOKEN}"}, body)
