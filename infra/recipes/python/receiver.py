"""A receiver of Bundlehook's webhooks in plain Python (3.10 or later), without a package.

    WEBHOOK_SECRET=whsec_... python3 receiver.py PORT FOLDER [--to hubspot | --to pipedrive]

It verifies the signature, takes each `webhook-id` once, and fetches the files. A document is kept as
FOLDER/<webhook-id>/document.json, its files beside it; it is written last, so that it says that all is done. Nothing is
deleted, and no text, person, link or secret is ever printed.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import http.server
import importlib
import json
import os
import re
import sys
import threading
import time
import unicodedata
import urllib.error
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

TOLERANCE_SECONDS = 5 * 60  # what was caught on its way cannot be sent again later
BODY_BYTES = 8 * 1024 * 1024  # more than the largest document: texts come twice, with characters written as several
FILE_BYTES = 100 * 1024 * 1024  # the largest file that is ever sent; one that says its size is stopped at that
NAME_CHARACTERS = 60  # no file's name is longer than 255 bytes; a character has up to four
SILENCE_SECONDS = 15  # that a connection may say nothing


class Refused(Exception):
    """The status to refuse a request with."""


class Trouble(Exception):
    """Whatever it is, the delivery is tried again, with fresh links."""

    printed = property(str)  # its text names nobody


def verify(keys: list[bytes], headers, body: bytes) -> str:
    """The `webhook-id`, which is safe as a folder's name, of a request that is signed as it should be."""
    id, timestamp, signatures = (headers.get("webhook-" + name, "") for name in ("id", "timestamp", "signature"))
    if not (re.fullmatch("[A-Za-z0-9_-]{1,100}", id) and re.fullmatch("[0-9]{1,11}", timestamp) and signatures):
        raise Refused(400)
    signed = f"{id}.{timestamp}.".encode() + body
    right = [b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in keys]
    given = signatures.encode("utf-8", "replace").split(b" ")
    # Each with each, in a time that does not depend on how much of it is right.
    if not any([hmac.compare_digest(one, other) for one in right for other in given]):
        raise Refused(401)
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused(401)
    return id


def safe_name(name: str) -> str:
    """A name that is one, whatever it was: no path, nothing that cannot be seen or turns the text round, not too long.

    The number that is put before it keeps two files of one name apart, and it from being hidden or an option.
    """
    seen = (character for character in name if unicodedata.category(character) not in UNSEEN)
    plain = re.sub(r'[/\\:*?"<>|]', "_", "".join(seen)).strip(" .")
    return plain[-NAME_CHARACTERS:] or "file"  # its end has what kind of file it is


UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


class Unmoved(urllib.request.HTTPRedirectHandler):
    """A link leads to the file itself."""

    def redirect_request(self, *_):
        return None


def fetch(link: str, size: int | None, target: Path) -> None:
    if not link.startswith(("https://", "http://")):
        raise Trouble("a file's link is none")
    try:
        with urllib.request.build_opener(Unmoved).open(link, timeout=SILENCE_SECONDS) as answer:
            said = answer.length if size is None else size
            write(target, (chunk for chunk in iter(lambda: answer.read(65536), b"")), said)
    except urllib.error.HTTPError as error:
        raise Trouble(f"a file's link answered {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        # No more than its kind: the text of some names the link, and the link is a key.
        raise Trouble(f"a file was not fetched: {type(error).__name__}") from None


def write(target: Path, chunks, size: int | None) -> None:
    """All of it or nothing: a file that is there is whole."""
    part, written = target.with_name(target.name + ".part"), 0
    with open(part, "wb") as file:
        for chunk in chunks:
            written += len(chunk)
            if written > (FILE_BYTES if size is None else size):
                break
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if written > FILE_BYTES if size is None else written != size:
        raise Trouble("a file has another size than was said")
    part.replace(target)


class Receiver:
    def __init__(self, keys: list[bytes], folder: Path, deliver):
        self.keys, self.folder, self.deliver = keys, folder, deliver
        self.pool, self.guard, self.working = ThreadPoolExecutor(), threading.Lock(), {}

    def begin(self, id: str, body: bytes) -> "Future[bool]":
        """Whether it is taken, when the work has ended. The work goes on when the sender has stopped waiting; the same
        document, sent again meanwhile, waits for the same end, and one that is sent later finds it done."""
        with self.guard:
            work = self.working.get(id)
            if work is None:
                work = self.working[id] = self.pool.submit(self.work, id, body)
                work.add_done_callback(lambda _: self.working.pop(id))
            return work

    def work(self, id: str, body: bytes) -> bool:
        try:
            line, taken = self.take(id, body), True
        except Exception as error:  # a full disk, a document of another shape: its text may say anything
            line, taken = f"not taken: {getattr(error, 'printed', type(error).__name__)}", False
        print(id, line, flush=True)
        return taken

    def take(self, id: str, body: bytes) -> str:
        """What there is to say of it."""
        folder = self.folder / id
        done = folder / "document.json"
        if done.exists():
            return "was here before"
        document = json.loads(body)
        messages = document["messages"] if "messages" in document else [document["message"]]
        folder.mkdir(parents=True, exist_ok=True)
        said = [f"taken: {len(messages)} messages"]
        for number, message in enumerate(messages, 1):
            if "attachment" in message:
                said.append(self.keep(message["attachment"], number, folder))
        if self.deliver:
            said.append(self.deliver(document))
        # Your own work with the document belongs here, before it is marked as done.
        write(done, [body], len(body))
        return ", ".join(said)

    def keep(self, attachment: dict, number: int, folder: Path) -> str:
        name = f"{number}-{safe_name(attachment['filename'])}"
        link = attachment.get("temporary_download_url")
        if link is None:
            return f"{name} (no link)"
        # What an earlier attempt fetched is there.
        if not (folder / name).exists():
            fetch(link, attachment.get("size"), folder / name)
        return f"{name} ({(folder / name).stat().st_size} bytes)"


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = SILENCE_SECONDS
    receiver: Receiver

    def do_POST(self):
        try:
            length = self.headers.get("content-length", "")
            if not re.fullmatch("[0-9]{1,15}", length) or int(length) > BODY_BYTES:
                raise Refused(413)
            body = self.rfile.read(int(length))
            id = verify(self.receiver.keys, self.headers, body)
            status = 200 if self.receiver.begin(id, body).result() else 502
        except Refused as refused:
            status = refused.args[0]
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass  # a line for each document is enough


def main() -> None:
    parser = argparse.ArgumentParser(description="Receives Bundlehook's webhooks.")
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--to", choices=["hubspot", "pipedrive"])
    arguments = parser.parse_args()
    secrets = os.environ.get("WEBHOOK_SECRET", "").split()  # two while one replaces the other
    if not secrets or not all(secret.startswith("whsec_") for secret in secrets):
        sys.exit("WEBHOOK_SECRET has to hold whsec_ and base64")
    keys = [base64.b64decode(secret.removeprefix("whsec_"), validate=True) for secret in secrets]
    deliver = importlib.import_module(f"{arguments.to}_note").deliver if arguments.to else None
    Handler.receiver = Receiver(keys, arguments.folder, deliver)
    # TLS is the business of what stands before it.
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print("listening on http://127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
