// A receiver of Bundlehook's webhooks in plain Node (20 or later), without a package.
//
//     WEBHOOK_SECRET=whsec_... node receiver.mjs PORT FOLDER
//
// It verifies the signature, takes each `webhook-id` once, and fetches the files. A document is kept as
// FOLDER/<webhook-id>/document.json, its files beside it; it is written last, so that it says that all is done. Nothing
// is deleted, and no text, person, link or secret is ever printed.

import { createHmac, timingSafeEqual } from "node:crypto";
import { mkdir, open, rename, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const TOLERANCE_SECONDS = 5 * 60; // what was caught on its way cannot be sent again later
const BODY_BYTES = 8 * 1024 * 1024; // more than the largest document: texts come twice, characters written as several
const FILE_BYTES = 100 * 1024 * 1024; // the largest file that is ever sent; one that says its size is stopped at that
const NAME_CHARACTERS = 60; // no file's name is longer than 255 bytes; a character has up to four
const FETCH_LIMIT_MS = 15 * 60 * 1000; // a link lives no longer

/** Whatever it is, the delivery is tried again, with fresh links. Its text is printed. */
class Trouble extends Error {}

/** The status to refuse a request with, or none: its `webhook-id` is safe as a folder's name then. */
function refusal(keys, headers, body) {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => headers[`webhook-${name}`] ?? "");
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(id) || !/^[0-9]{1,11}$/.test(timestamp) || !signatures) return 400;
  const right = keys.map((key) => createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64"));
  const given = signatures.split(" ");
  if (!right.some((one) => given.some((other) => isSame(`v1,${one}`, other)))) return 401;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return 401;
}

/** In a time that does not depend on how much of it is right. */
function isSame(one, other) {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/**
 * A name that is one, whatever it was: no path, nothing that cannot be seen or turns the text round, and not too long.
 * The number that is put before it keeps two files of one name apart, and it from being hidden or an option.
 */
function safeName(name) {
  const plain = name
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[/\\:*?"<>|]/g, "_")
    .replace(/^[ .]+|[ .]+$/g, "");
  return [...plain].slice(-NAME_CHARACTERS).join("") || "file"; // its end has what kind of file it is
}

async function fetchFile(link, size, target) {
  if (!/^https?:\/\//.test(link)) throw new Trouble("a file's link is none");
  // A link leads to the file itself, and the file comes as it is.
  const options = { redirect: "manual", headers: { "accept-encoding": "identity" } };
  let answer;
  try {
    answer = await fetch(link, { ...options, signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  } catch (error) {
    // No more than its kind: the text of some names the link, and the link is a key.
    throw new Trouble(`a file was not fetched: ${error.name}`);
  }
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Trouble(`a file's link answered ${answer.status}`);
  }
  await write(target, answer.body, size);
}

/** All of it or nothing: a file that is there is whole. */
async function write(target, chunks, size) {
  const file = await open(`${target}.part`, "w");
  let written = 0;
  try {
    for await (const chunk of chunks) {
      written += chunk.length;
      if (written > (size ?? FILE_BYTES)) break;
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (size === undefined ? written > FILE_BYTES : written !== size) {
    throw new Trouble("a file has another size than was said");
  }
  await rename(`${target}.part`, target);
}

const exists = (path) => stat(path).then(() => true, () => false);

/** What there is to say of it. */
async function take(id, body) {
  const folder = join(FOLDER, id);
  const done = join(folder, "document.json");
  if (await exists(done)) return "was here before";
  const document = JSON.parse(body.toString());
  const messages = document.messages ?? [document.message];
  await mkdir(folder, { recursive: true });
  const said = [`taken: ${messages.length} messages`];
  for (const [index, { attachment }] of messages.entries()) {
    if (attachment) said.push(await keep(attachment, index + 1, folder));
  }
  // Your own work with the document belongs here, before it is marked as done.
  await write(done, [body], body.length);
  return said.join(", ");
}

async function keep(attachment, number, folder) {
  const name = `${number}-${safeName(attachment.filename)}`;
  const link = attachment.temporary_download_url;
  if (link === undefined) return `${name} (no link)`;
  const target = join(folder, name);
  // What an earlier attempt fetched is there.
  if (!(await exists(target))) await fetchFile(link, attachment.size, target);
  return `${name} (${(await stat(target)).size} bytes)`;
}

/** Whether it is taken. */
async function work(id, body) {
  try {
    console.log(id, await take(id, body));
    return true;
  } catch (error) {
    console.log(id, `not taken: ${error instanceof Trouble ? error.message : (error.code ?? error.name)}`);
    return false;
  }
}

// The work goes on when the sender has stopped waiting; the same document, sent again meanwhile, waits for the same end,
// and one that is sent later finds it done.
const working = new Map();

function begin(id, body) {
  if (!working.has(id)) working.set(id, work(id, body).finally(() => working.delete(id)));
  return working.get(id);
}

async function statusOf(request) {
  if (request.method !== "POST") return 405;
  if (!(Number(request.headers["content-length"]) <= BODY_BYTES)) return 413;
  const body = Buffer.concat(await request.toArray());
  const refused = refusal(KEYS, request.headers, body);
  if (refused) return refused;
  return (await begin(request.headers["webhook-id"], body)) ? 200 : 502;
}

const [PORT, FOLDER] = process.argv.slice(2);
// Two secrets while one replaces the other.
const SECRETS = (process.env.WEBHOOK_SECRET ?? "").split(/\s+/).filter(Boolean);
if (!FOLDER || !SECRETS.length || !SECRETS.every((secret) => /^whsec_[A-Za-z0-9+/]+=*$/.test(secret))) {
  console.error("usage: WEBHOOK_SECRET=whsec_... node receiver.mjs PORT FOLDER");
  process.exit(2);
}
const KEYS = SECRETS.map((secret) => Buffer.from(secret.slice("whsec_".length), "base64"));
const server = createServer((request, response) => {
  const answer = (status) => response.writeHead(status, { "content-length": 0 }).end();
  statusOf(request).then(answer, () => response.destroy());
});
// TLS is the business of what stands before it.
server.listen(Number(PORT), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
