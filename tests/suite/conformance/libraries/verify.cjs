// Says of each case in a file what npm's `standardwebhooks` says of it, a line each.
"use strict";

const fs = require("node:fs");
const { Webhook, WebhookVerificationError } = require("standardwebhooks");

for (const { secret, headers, body } of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
  try {
    new Webhook(secret).verify(Buffer.from(body, "base64"), Object.fromEntries(headers));
    console.log("taken");
  } catch (refusal) {
    if (!(refusal instanceof WebhookVerificationError)) throw refusal;
    console.log(`refused: ${refusal.message}`);
  }
}
