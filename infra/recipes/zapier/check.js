// Code by Zapier, "Run JavaScript", right behind "Catch Raw Hook": verifies the signature, says whether the document was
// here before, and takes out of it what a CRM's step needs. It sends nothing and marks nothing.
//
// Input Data: body (the raw body) · id, timestamp, signature (the headers webhook-id, webhook-timestamp,
// webhook-signature) · secret (whsec_..., two with a blank between them while one replaces the other) · store (a UUID4).
const { createHash, createHmac, timingSafeEqual } = require("crypto");

const { body, id, timestamp, signature } = inputData;
const right = inputData.secret.split(/\s+/).map((secret) => {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return Buffer.from("v1," + createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64"));
});
const given = (signature || "").split(" ").map((one) => Buffer.from(one));
const isSame = (one, other) => one.length === other.length && timingSafeEqual(one, other);
// No limit of age: a run of a Zap may be late, or played again by a person. What is sent twice is told by its id.
if (!right.some((one) => given.some((other) => isSame(one, other)))) throw new Error("this is not signed as it should be");

// A store has room for 500 keys of under 32 characters: each id has a slot, and a later one takes the place of an old one.
const slot = "seen" + (createHash("sha256").update(id).digest().readUInt32BE(0) % 400);
const before = await StoreClient(inputData.store).get(slot);

const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const { chat, messages, message, aggregation } = JSON.parse(body);
const all = messages || [message];
const files = all.map((one) => one.attachment).filter((file) => file && file.temporary_download_url);
return {
  is_new: before !== id,
  slot,
  id,
  // Where nothing is aggregated, there is no ready-made note.
  note: aggregation || `from ${escaped(message.sender.full_name)}: ${escaped(message.text).replace(/\r?\n/g, "<br/>")}`,
  phone: chat.phone,
  name: chat.full_name,
  is_group: chat.is_group,
  chat_url: chat.chat_url,
  ended_at: all[all.length - 1].timestamp,
  // Alive for 15 minutes: the steps that fetch them come before any delay.
  file_names: files.map((file) => file.filename),
  file_links: files.map((file) => file.temporary_download_url),
};
