"""Calls AWS for the tests, one JSON line in and one out, so that they need neither the SDK's crates nor a signature.

    {"service": "logs", "operation": "filter_log_events", "parameters": {...}} -> {"result": {...}} or {"error": "..."}

It ends when its input does.
"""

import json
import sys

import boto3
from botocore.config import Config

# A call that fails is the test's to judge, and an invocation may last as long as a function's time-out.
CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=120)
clients = {}


def call(service, operation, parameters):
    if service not in clients:
        clients[service] = boto3.client(service, config=CONFIG)
    result = getattr(clients[service], operation)(**parameters)
    result.pop("ResponseMetadata")
    return result


def plain(value):
    """What JSON has no form for: a body that streams, bytes, a moment."""
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else str(value)


for line in sys.stdin:
    try:
        answer = {"result": call(**json.loads(line))}
    except Exception as error:  # whatever it is, the test that asked is told
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=plain), flush=True)
