// The settings page as a person uses it, in headless Chromium: every action of every state. One argument, a file of JSON:
// the state, where its page is and the link that opens it, and where pictures go. It prints what it has done and ends with
// an error if anything is not as it should be: a sentence, a request to another origin, a word on the console, a fault that
// axe-core finds, a page that scrolls sideways.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { chromium } = require("playwright-core");

const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const place = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const origin = new URL(place.link).origin;
const told = { checked: 0, actions: 0, pictures: 0 };

// A browser of its own, as narrow and as dark as is wanted.
async function visitor(browser, { width = 1280, dark = false, script = true, link = place.link } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: script,
    acceptDownloads: true,
    permissions: script ? ["clipboard-read", "clipboard-write"] : [],
  });
  // Behind an emulator there is no name for the function's URL: what is asked of it is asked there.
  if (place.emulator) {
    await context.route(`${origin}/**`, async (route) => {
      const url = new URL(route.request().url());
      const answer = await route.fetch({ url: `${place.emulator}${url.pathname}${url.search}`, maxRedirects: 0 });
      // What leads elsewhere would be followed past this: a page that goes there by itself is not.
      const to = answer.headers().location;
      if (to) {
        const headers = { "content-type": "text/html", "set-cookie": answer.headers()["set-cookie"] ?? "" };
        await route.fulfill({ headers, body: `<meta http-equiv="refresh" content="0;url=${to}">` });
      } else {
        await route.fulfill({ response: answer });
      }
    });
  }
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    // A refusal that is wanted is an error to the console, and told by its status.
    if (["error", "warning"].includes(message.type()) && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`asks ${new URL(request.url()).origin}`);
  });
  page.setDefaultTimeout(20_000);
  if (link) {
    await page.goto(link);
    await Promise.all([page.waitForURL("**/workspaces/**"), page.click("form button")]);
  }
  return { context, page, faults, script };
}

async function says(page, words, within = "main") {
  const text = (await page.locator(within).innerText()).replace(/\s+/g, " ");
  assert.ok(text.includes(words), `${JSON.stringify(words)} is not in: ${text.slice(0, 1_500)}`);
}

// Does something that leads to another page, or to the same one anew.
async function act(who, what, does) {
  const [answer] = await Promise.all([
    who.page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303),
    does(who.page),
  ]);
  await who.page.waitForLoadState();
  told.actions += 1;
  console.log(`${place.state}: ${what}: ${answer.status()}`);
  return answer.status();
}

// What everybody has to be able to use: axe-core, no sideways scrolling; and a picture of it.
async function look(who, name) {
  const wide = await who.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide}`);
  await who.page.evaluate(`${axe};0`);
  for (const open of [false, true]) {
    if (open) {
      await who.page.evaluate(() => {
        for (const details of document.querySelectorAll("details")) {
          details.removeAttribute("name");
          details.open = true;
        }
      });
    } else {
      await who.page.screenshot({ path: path.join(place.pictures, `${name}.png`), fullPage: true });
      told.pictures += 1;
    }
    const report = await who.page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
    const found = report.violations.map((it) => `${it.id}: ${it.nodes[0].html.slice(0, 200)}`);
    assert.deepEqual(found, [], `axe-core on ${name}`);
    told.checked += 1;
  }
}

async function looks(browser, name, to, link) {
  for (const [width, dark] of [[1280, false], [1280, true], [390, false], [390, true]]) {
    const who = await visitor(browser, { width, dark, link: null });
    await who.context.addCookies(link);
    await who.page.goto(to);
    if (width === 1280) await who.page.screenshot({ path: path.join(place.pictures, `${name}-top${dark ? "-dark" : ""}.png`) });
    await look(who, `${name}${width < 500 ? "-phone" : ""}${dark ? "-dark" : ""}`);
    assert.deepEqual(who.faults, []);
    await who.context.close();
  }
}

async function save(who, fields) {
  await who.page.evaluate(() => document.querySelectorAll("details.more").forEach((it) => { it.open = true; }));
  for (const [selector, value] of Object.entries(fields)) {
    const field = who.page.locator(selector);
    const kind = await field.evaluate((element) => element.tagName === "SELECT" ? "select" : element.type);
    if (kind === "select") await field.selectOption(value);
    else if (kind === "checkbox" || kind === "radio") await field.setChecked(value, { force: true });
    else await field.fill(value);
  }
  return act(who, `save ${Object.keys(fields).join(" ")}`, (page) => page.click("form.settings button.main"));
}

// Whose WhatsApp numbers there are, and where links lead.
async function accounts(who, cookies, browser) {
  const { page } = who;
  await act(who, "WhatsApp accounts", () => page.click("nav a:has-text('WhatsApp accounts')"));
  await says(page, "None yet.");
  const other = await visitor(browser, { link: null });
  await other.context.addCookies(cookies);
  await other.page.goto(page.url());
  await page.fill("#id", "my number");
  assert.equal(await act(who, "add an account without a number", () => page.click("text=Add the account")), 422);
  await says(page, "Not saved: please look at what is marked below.");
  assert.equal(await page.inputValue("#id"), "my number");
  await looksHere(who, "accounts-wrong");
  for (const [field, value] of [["#id", "106540352242922"], ["#phone", "+972 50 000 0000"], ["#full_name", "<b>אמנון"]]) {
    await page.fill(field, value);
  }
  assert.equal(await act(who, "add an account", () => page.click("text=Add the account")), 200);
  await says(page, "<b>אמנון");
  await other.page.fill("#chat_url", "https://crm.example.org/{chat_id}");
  assert.equal(await act(other, "set links over what somebody has saved", (page) => page.click("text=Save the links")), 409);
  await says(other.page, "somebody else has saved meanwhile");
  assert.equal(await act(other, "set links", (page) => page.click("text=Save the links")), 200);
  await says(other.page, "https://crm.example.org/10010001");
  await looksHere(other, "accounts");
  await other.page.click("[data-copy=whatsapp-url]");
  assert.match(await other.page.evaluate(() => navigator.clipboard.readText()), /\/v1\/whatsapp\/[A-Za-z0-9_-]+$/);
  await act(other, "open an account", (page) => page.click("td a:has-text('Change')"));
  await says(other.page, "Change the account 106540352242922");
  await other.page.fill("#email", "amnon@acme.example");
  assert.equal(await act(other, "change an account", (page) => page.click("form.settings button.main >> nth=0")), 200);
  await says(other.page, "amnon@acme.example");
  const asked = [];
  other.page.once("dialog", (dialog) => { asked.push(dialog.message()); dialog.accept(); });
  assert.equal(await act(other, "take an account away", (page) => page.click("button:has-text('Remove')")), 200);
  assert.deepEqual(asked, ["Take this account away?"]);
  await says(other.page, "None yet.");
  assert.deepEqual(other.faults, []);
  await other.context.close();
}

const actions = {
  // A workspace that nobody has connected.
  async empty(browser) {
    const who = await visitor(browser);
    await says(who.page, "Connect your system");
    await look(who, "connect");
    await who.page.fill("#url", "nonsense");
    assert.equal(await act(who, "connect to nonsense", (page) => page.click("text=Connect >> nth=-1")), 422);
    await says(who.page, "Webhook URL");
    assert.equal(await who.page.inputValue("#url"), "nonsense");
    await who.page.fill("#url", place.receiver);
    await who.page.check("#granularity-6h", { force: true });
    assert.equal(await act(who, "connect", (page) => page.click("form.settings button.main")), 200);
    await says(who.page, "Connected. Copy the signing secret now");
    await who.page.click("[data-copy=secret-value]");
    const copied = await who.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^whsec_/);
    assert.equal(await act(who, "send a test", (page) => page.click("text=Send a test")), 200);
    await says(who.page, "The test was taken: status 200");
    await look(who, "connected");
    return [who];
  },

  // Everything that is done to one that works.
  async working(browser) {
    const who = await visitor(browser);
    const { page } = who;
    const home = page.url();
    await says(page, "Working: ");
    const cookies = await who.context.cookies();
    await looks(browser, "working", home, cookies);

    const again = await visitor(browser, { link: null });
    const used = await again.page.goto(place.link);
    assert.equal(used.status(), 200, "a look opens nothing");
    await Promise.all([again.page.waitForResponse((it) => it.request().method() === "POST"), again.page.click("form button")]);
    await says(again.page, "This link has been used");
    await look(again, "link-used");
    assert.equal((await again.page.goto(home)).status(), 401);
    await says(again.page, "You are not signed in here");

    const other = await visitor(browser, { link: null });
    await other.context.addCookies(cookies);
    await other.page.goto(home);

    assert.equal(await save(who, { "#url": "crm" }), 422);
    await says(page, "Not saved: please look at what is marked below.");
    assert.equal(await page.inputValue("#url"), "crm");
    await looksHere(who, "wrong");
    const fields = {
      "#url": `${place.receiver}crm`, "#granularity-24h": true, "#time_zone": "Europe/Berlin", "#daily_hour": "7",
      "#success": "2xx", "#concurrency": "8", "#owner_email": "owner@acme.example", "#new-header-1": "x-key",
      "#new-value-1": "value",
    };
    assert.equal(await save(who, fields), 200);
    await says(page, "Saved. The new window begins at");
    await says(page, "nothing is sent until");
    assert.equal(await page.inputValue("#time_zone"), "Europe/Berlin");
    await save(who, { "#header-remove-1": true, "#success": "200" });
    assert.equal(await page.locator("#header-1").count(), 0);
    assert.equal(await save(other, { "#owner_email": "other@acme.example" }), 409);
    await says(other.page, "somebody else has saved meanwhile");
    await look(other, "conflict");
    assert.equal(await save(other, {}), 200, "and may save again");
    await page.goto(home);
    assert.equal(await page.inputValue("#owner_email"), "other@acme.example");
    await save(who, { "#direction": "received", "#chats": "group", "#accounts": "+972500000000" });
    await save(who, { "#direction": "", "#chats": "", "#accounts": "" });

    assert.equal(await act(who, "send a test", () => page.click("text=Send a test")), 200);
    await says(page, "The test was taken: status 200");
    await look(who, "tested");
    await act(who, "open the test", () => page.click("text=All of the request and its answer"));
    await says(page, "This is a test of your webhook");
    await page.goto(home);

    let asked = "";
    page.on("dialog", (dialog) => { asked = dialog.message(); dialog.accept(); });
    await page.click("text=Make a new secret >> nth=0");
    await act(who, "make a new secret", () => page.click("button:has-text('Make a new secret')"));
    assert.equal(asked, "Make a new signing secret?");
    await page.click("[data-copy=secret-value]");
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^whsec_/);
    await says(page, "The former secret signs beside the new one until");
    for (const [name, part] of [["Python", "standardwebhooks.webhooks"], ["Node.js", "import { Webhook }"], ["Rust", "WebhookError"]]) {
      await page.click(`summary:has-text("${name}")`);
      await page.click(".snippet[open] [data-copy]");
      assert.ok((await page.evaluate(() => navigator.clipboard.readText())).includes(part), name);
    }
    await act(who, "load again", () => page.goto(home));
    assert.ok(!(await page.content()).includes("whsec_"), "a secret is shown once");

    for (const [name, ending] of [["JSON", ".json"], ["CSV", ".csv"]]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(`.downloads a:has-text("${name}")`)]);
      const text = fs.readFileSync(await download.path(), "utf8");
      assert.ok(text.includes("webhook_id") && download.suggestedFilename().endsWith(ending), download.suggestedFilename());
      told.actions += 1;
    }
    await act(who, "all requests", () => page.click("text=All requests"));
    await looksHere(who, "requests");
    await act(who, "open a request", () => page.click("tbody th a >> nth=-1"));
    await looksHere(who, "request");
    await page.click("[data-copy=curl]");
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^curl --globoff --request POST/);
    assert.equal(await act(who, "send it again", () => page.click("text=Send it again")), 200);
    await says(page, "On its way again, with the same id.");
    await page.goto(home);

    await act(who, "preview", () => page.click("text=Preview >> nth=0"));
    await says(page, "so far.");
    await looksHere(who, "preview");
    await act(who, "flush now", () => page.click("text=Flush now"));
    await says(page, "has gathered so far goes out in about a minute.");
    const gone = await page.goto(`${home.replace(/\/$/, "")}/webhooks/default/preview?chat=%3Cb%3Enobody`);
    assert.equal(gone.status(), 404);
    await says(page, "Nothing gathers");

    await accounts(who, cookies, browser);

    await page.goto(home);
    await save(who, { "#enabled": false });
    await says(page, "Switched off: new messages are counted, and not stored");
    await act(who, "switch on", () => page.click("text=Switch on"));
    await says(page, "Switched on.");

    await page.goto(home);
    const order = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press("Tab");
      order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()));
    }
    for (const stop of ["Skip to the content", "Send a test", "url", "enabled"]) assert.ok(order.includes(stop), `${stop}: ${order}`);
    return [who, other];
  },

  // The same without a script, and for who may only look.
  async plain(browser) {
    const who = await visitor(browser, { script: false });
    const { page } = who;
    assert.equal(await page.locator("[data-copy]:visible").count(), 0);
    await page.fill("#url", `${place.receiver}plain`);
    assert.equal(await act(who, "save without a script", () => page.click("form.settings button.main")), 200);
    await says(page, "Saved.");
    const home = page.url();
    await act(who, "WhatsApp accounts without a script", () => page.click("nav a:has-text('WhatsApp accounts')"));
    await page.fill("#id", "1");
    await page.fill("#phone", "1");
    assert.equal(await act(who, "add an account without a script", () => page.click("text=Add the account")), 200);
    assert.equal(await act(who, "take it away without a script", () => page.click("button:has-text('Remove')")), 200);
    await page.goto(home);
    assert.equal(await act(who, "test without a script", () => page.click("text=Send a test")), 200);
    await says(page, "The test was taken");
    await act(who, "make a secret without a script", async () => {
      await page.click("text=Make a new secret >> nth=0");
      await page.click("button:has-text('Make a new secret')");
    });
    await says(page, "A new signing secret is in force.");
    const watcher = await visitor(browser, { link: place.read_only_link });
    assert.equal(await watcher.page.locator("form").count(), 0);
    await says(watcher.page, "Read only", "header");
    await look(watcher, "read-only");
    await act(watcher, "look at the requests", (page) => page.click("text=All requests"));
    return [who, watcher];
  },

  async failing(browser) {
    const who = await visitor(browser);
    await says(who.page, "Failing since");
    await says(who.page, "next try");
    await look(who, "failing");
    await act(who, "open what was not taken", (page) => page.click("a:has-text('Not delivered') >> nth=0"));
    await says(who.page, "It answered with status 500 Internal Server Error.");
    await look(who, "failing-request");
    return [who];
  },

  async disabled(browser) {
    const who = await visitor(browser);
    const { page } = who;
    await says(page, "after 11 errors in a row");
    await says(page, "What is to become of what is held");
    await looks(browser, "disabled", page.url(), await who.context.cookies());
    const asked = [];
    page.once("dialog", (dialog) => { asked.push(dialog.message()); dialog.dismiss(); });
    await page.check("#held-discard", { force: true });
    await page.click("text=Enable the webhook");
    assert.deepEqual(asked, ["Drop all that is held? It cannot be brought back."]);
    await says(page, "after 11 errors in a row");
    await page.check("#held-deliver", { force: true });
    assert.equal(await act(who, "enable", () => page.click("text=Enable the webhook")), 200);
    await says(page, "Enabled. What was held goes out now, the oldest first");
    await look(who, "enabled");
    await page.selectOption("#days", "30");
    assert.equal(await act(who, "send what was given up again", () => page.click("text=Send them again")), 200);
    return [who];
  },

  async off(browser) {
    const who = await visitor(browser);
    await says(who.page, "Switched off: new messages are counted, and not stored");
    await look(who, "off");
    await act(who, "switch on", (page) => page.click("text=Switch on"));
    await says(who.page, "Switched on.");
    return [who];
  },

  async several(browser) {
    const who = await visitor(browser);
    const { page } = who;
    await act(who, "the other webhook", () => page.click("nav a:has-text('crm')"));
    await says(page, "Webhook crm");
    await look(who, "several");
    await act(who, "add a webhook", () => page.click("nav a:has-text('Add a webhook')"));
    await look(who, "add");
    await page.fill("#webhook", "crm");
    await page.fill("#url", place.receiver);
    assert.equal(await act(who, "add one that is there", () => page.click("form.settings button.main")), 422);
    await says(page, "The workspace has a webhook of this name.");
    await page.fill("#webhook", "zapier");
    assert.equal(await act(who, "add another", () => page.click("form.settings button.main")), 200);
    await says(page, "Connected.");
    return [who];
  },

  // Through the Function URL of a deployment.
  async deployed(browser) {
    const who = await visitor(browser);
    const { page } = who;
    const home = page.url();
    await says(page, "Ready: nothing has been delivered yet");
    assert.equal(await save(who, { "#concurrency": "8", "#owner_email": "owner@acme.example" }), 200);
    await says(page, "Saved.");
    assert.equal(await act(who, "send a test", () => page.click("text=Send a test")), 200);
    await says(page, "The test was taken: status 200");
    await act(who, "open the test", () => page.click("text=All of the request and its answer"));
    await says(page, "This is a test of your webhook");
    await page.goto(home);
    await look(who, "deployed");
    return [who];
  },
};

// The page as it is, in both schemes and on a phone.
async function looksHere(who, name) {
  const { page } = who;
  for (const [width, scheme] of [[1280, "light"], [1280, "dark"], [390, "light"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await look(who, `${name}${width < 500 ? "-phone" : ""}${scheme === "dark" ? "-dark" : ""}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

(async () => {
  const browser = await chromium.launch({ executablePath: place.chromium, args: ["--no-sandbox"] });
  try {
    const visitors = await actions[place.state](browser);
    for (const who of visitors) assert.deepEqual(who.faults, [], "nothing on the console, nothing from elsewhere");
  } finally {
    await browser.close();
  }
  console.log(`${place.state}: ${told.actions} actions, ${told.checked} pages without a fault of axe-core, ${told.pictures} pictures`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
