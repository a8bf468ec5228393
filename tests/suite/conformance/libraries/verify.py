"""Says of each case in a file what PyPI's `standardwebhooks` says of it, a line each."""

import base64
import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError

with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
for case in cases:
    try:
        Webhook(case["secret"]).verify(base64.b64decode(case["body"]), dict(case["headers"]))
        print("taken")
    except WebhookVerificationError as refusal:
        print(f"refused: {refusal}")
