// Runs the Code steps in a file, one after the other, with what Zapier gives to them, and prints what each returns.
"use strict";

const fs = require("node:fs");

const AsyncFunction = (async () => {}).constructor;
const stores = new Map();

// Zapier's store has limits, and hands nothing over at once.
function StoreClient(secret) {
  if (!stores.has(secret)) stores.set(secret, new Map());
  const store = stores.get(secret);
  return {
    get: async (key) => store.get(key) ?? null,
    set: async (key, value) => {
      if (key.length >= 32 || JSON.stringify(value).length >= 2500 || store.size >= 500) throw new Error("no room");
      store.set(key, value);
    },
  };
}

async function main() {
  for (const { step, input } of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
    const run = new AsyncFunction("inputData", "StoreClient", "require", fs.readFileSync(step, "utf8"));
    const result = await run(input, StoreClient, require).catch((error) => ({ failed: error.message }));
    console.log(JSON.stringify(result));
  }
}

main();
