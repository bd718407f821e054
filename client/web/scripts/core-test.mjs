/**
 * Proves the core in a real Chromium, against a real relay: the store's suite on IndexedDB, two people, two tabs,
 * offline, a reload, keys at rest. `node scripts/core-test.mjs` after `cargo xtask web --for-tests`.
 *
 * SAMVERKA_RELAY_BIN names the relay; SAMVERKA_CHROMIUM the browser where it is not /usr/bin/chromium.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";
import { createServer } from "vite";

const here = fileURLToPath(new URL("..", import.meta.url));
const root = join(here, "../..");
const relayBinary = process.env.SAMVERKA_RELAY_BIN ?? join(root, "target/debug/samverka-relay");
const browserBinary = process.env.SAMVERKA_CHROMIUM ?? "/usr/bin/chromium";
const testPackage = process.env.SAMVERKA_TEST_PKG ?? join(here, "src/core/pkg");

const scratch = await mkdtemp(join(tmpdir(), "samverka-core-"));
const cleaners = [() => rm(scratch, { recursive: true, force: true })];

async function main() {
  const server = await createServer({
    root: join(here, "src/core/testing"),
    configFile: false,
    logLevel: "error",
    cacheDir: join(scratch, "vite"),
    server: { port: 0, host: "127.0.0.1", hmr: false, fs: { allow: [root, testPackage] } },
    worker: { format: "es" },
    resolve: {
      alias: [{ find: /^.*\/pkg\/samverka_wasm\.js$/, replacement: join(testPackage, "samverka_wasm.js") }],
    },
  });
  await server.listen();
  cleaners.push(() => server.close());
  const address = server.resolvedUrls.local[0];
  const browser = await chromium.launch({ executablePath: browserBinary, args: ["--no-sandbox"] });
  cleaners.push(() => browser.close());
  const only = process.argv[2];
  for (const [name, test] of Object.entries(tests)) {
    if (only !== undefined && !name.includes(only)) continue;
    const began = performance.now();
    await Promise.race([test({ browser, address }), patience(name)]);
    console.log(`ok   ${name} (${Math.round(performance.now() - began)} ms)`);
  }
}

/** A test waits for conditions; one that never comes is told after this long. */
function patience(name) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${name}: what it waits for does not come`)), 120_000).unref();
  });
}

/** A browser profile of its own: one device. */
async function device(browser, address) {
  const context = await browser.newContext();
  const tab = async () => {
    const page = await context.newPage();
    page.on(
      "console",
      (message) => message.type() === "error" && console.log(`     page: ${message.text()}`),
    );
    page.on("pageerror", (error) => console.log(`     page: ${error.stack}`));
    await page.goto(address);
    await page.waitForFunction(() => "tested" in globalThis);
    return page;
  };
  return { context, tab, page: await tab() };
}

const person = (name) => ({ name, organisation: "Lindsunds skola", role_title: "Lärare", language: "sv-FI" });

const call = (page, method, ...args) =>
  page.evaluate(([method, args]) => globalThis.tested.core[method](...args), [method, args]);

/** Waits in the page for an event with these fields, past or to come. */
const until = (page, fields) =>
  page.evaluate(
    (fields) =>
      globalThis.tested.until((event) =>
        Object.entries(fields).every(([name, value]) => event[name] === value),
      ),
    fields,
  );

/** Asks again after each event of the core until the answer fits, and answers it. */
const eventually = (page, method, args, fits) =>
  page.evaluate(
    ([method, args, fits]) => globalThis.tested.eventually(method, args, fits),
    [method, args, `${fits}`],
  );

const addNote = (text) => ({ command: "add", kind: "note", fields: { text: { sv: text }, x: 1, y: 2 } });

async function freePort() {
  const socket = createSocket();
  await new Promise((resolve) => socket.listen(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** A relay that can be stopped and started again on the same port with the same data. */
async function relay() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = await mkdtemp(join(scratch, "relay-"));
  let child;
  const start = async () => {
    child = spawn(
      relayBinary,
      ["serve", "--listen", `127.0.0.1:${port}`, "--hosting", "open", "--data", data],
      {
        stdio: "ignore",
      },
    );
    for (let ready = false; !ready;) {
      assert.equal(child.exitCode, null, "the relay ended");
      ready = await fetch(`${url}/ready`)
        .then((answer) => answer.ok)
        .catch(() => false);
    }
  };
  const stop = async () => {
    if (child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
  };
  await start();
  cleaners.push(stop);
  return { url, start, stop };
}

const tests = {
  async "the store over IndexedDB passes the suite that SQLite passes"({ browser, address }) {
    const { page, context } = await device(browser, address);
    const results = await page.evaluate(() => globalThis.tested.holdSuite());
    assert.ok(results.length >= 3, "there are cases");
    const failed = results.filter(({ failure }) => failure !== null);
    assert.deepEqual(failed, []);
    console.log(`     ${results.length} cases`);
    await context.close();
  },

  async "a plan is begun, edited, closed and found again, all on this device"({ browser, address }) {
    const { page, context } = await device(browser, address);
    assert.equal(await call(page, "identity"), null);
    await assert.rejects(call(page, "createPlan", { title: "x", relays: [] }), /say first who/);
    await call(page, "setIdentity", person("Samordnare"));
    const { id, ready, boards } = await call(page, "createPlan", { title: "Ingen ensam", relays: [] });
    assert.equal(ready, true);
    assert.equal(boards.length, 1);

    const { entities } = await call(page, "execute", id, addNote("Bussen går för sällan"));
    const changed = await page.evaluate(
      (note) =>
        globalThis.tested.until(
          (event) => event.type === "changed" && event.updates.some((update) => update.id === note),
        ),
      entities[0].id,
    );
    assert.equal(
      changed.updates.find((update) => update.id === entities[0].id).view.text,
      "Bussen går för sällan",
    );
    await call(page, "saved", id);
    assert.equal((await call(page, "status", id)).unsaved, 0);

    await page.reload();
    await page.waitForFunction(() => "tested" in globalThis);
    assert.deepEqual(await call(page, "plans"), [
      { id, title: "Ingen ensam", state: "ready", sample: false },
    ]);
    await assert.rejects(call(page, "view", id, "notes"), /not open/);
    await call(page, "openPlan", id);
    const notes = await call(page, "view", id, "notes");
    assert.deepEqual(
      notes.map(({ text, x, y }) => ({ text, x, y })),
      [{ text: "Bussen går för sällan", x: 1, y: 2 }],
    );
    const history = await call(page, "history", id, entities[0]);
    assert.equal(history[0].name, "Samordnare");
    const report = await call(page, "verify", id);
    assert.equal(report.sound, true);
    assert.ok(report.entries > 2);
    const file = await call(page, "exportFile", id, { format: "markdown" });
    assert.match(file.name, /^ingen-ensam-\d{4}-\d\d-\d\d\.md$/);

    await call(page, "removePlan", id);
    assert.deepEqual(await call(page, "plans"), []);
    await assert.rejects(call(page, "openPlan", id), /no such plan/);
    await context.close();
  },

  async "the sample plan is there without a network"({ browser, address }) {
    const { page, context } = await device(browser, address);
    await call(page, "setIdentity", person("Samordnare"));
    const { id, title } = await call(page, "importSample");
    assert.ok(title.length > 0);
    const commitments = await call(page, "view", id, "commitments");
    assert.ok(commitments.length > 3);
    assert.equal((await call(page, "plans"))[0].sample, true);
    await context.close();
  },

  async "a device's keys never lie open in the database"({ browser, address }) {
    const { page, context } = await device(browser, address);
    await call(page, "setIdentity", person("Samordnare"));
    const { id } = await call(page, "createPlan", {
      title: "Plan",
      relays: ["http://127.0.0.1:9"],
      token: "hemlig token",
    });
    const { id: invite } = await call(page, "invite", id, {
      role: "editor",
      expires_at_ms: Date.now() + 1e6,
      uses: 1,
    });
    for (const [key, plain] of [
      ["device", 64],
      ["hosting-token", 12],
      [`invite/${invite}`, 32],
    ]) {
      const value = await page.evaluate(([id, key]) => globalThis.tested.stored(id, key), [id, key]);
      // Version, nonce and tag beside what was sealed.
      assert.equal(value.length, 1 + 12 + plain + 16, key);
    }
    await context.close();
  },

  async "two tabs of one device write at once, offline, and see each other"({ browser, address }) {
    const { page, tab, context } = await device(browser, address);
    await call(page, "setIdentity", person("Samordnare"));
    const { id } = await call(page, "createPlan", { title: "Plan", relays: [] });
    const second = await tab();
    assert.equal((await call(second, "identity")).name, "Samordnare");
    await call(second, "openPlan", id);
    await context.setOffline(true);

    const write = (page, name) =>
      Promise.all(Array.from({ length: 20 }, (_, n) => call(page, "execute", id, addNote(`${name} ${n}`))));
    await Promise.all([write(page, "ett"), write(second, "två")]);

    for (const one of [page, second]) {
      const notes = await eventually(one, "view", [id, "notes"], (notes) => notes.length === 40);
      assert.equal(new Set(notes.map((note) => note.text)).size, 40);
    }
    await call(page, "saved", id);
    await call(second, "saved", id);
    const report = await call(page, "verify", id);
    assert.deepEqual([report.sound, report.left_out], [true, []]);
    // The place of a tab that is gone is taken again: a third tab writes no third log.
    await second.close();
    await context.setOffline(false);
    const third = await tab();
    await call(third, "openPlan", id);
    await call(third, "execute", id, addNote("tre"));
    await call(third, "saved", id);
    const logs = new Set((await call(third, "history", id)).map((item) => item.log));
    assert.equal(logs.size, 3, "membership and two places");
    await context.close();
  },

  async "somebody joins by a link through the open door, and both see what both write"({ browser, address }) {
    const { url, stop, start } = await relay();
    const host = await device(browser, address);
    await call(host.page, "setIdentity", person("Samordnare"));
    const { id } = await call(host.page, "createPlan", { title: "Ingen ensam", relays: [url] });
    await until(host.page, { type: "synced", plan: id });
    const soon = Date.now() + 600_000;
    const { link } = await call(host.page, "invite", id, { role: "editor", expires_at_ms: soon, uses: 5 });
    await call(host.page, "openDoor", id, soon);
    assert.equal(await call(host.page, "door", id), soon);

    const guest = await device(browser, address);
    await call(guest.page, "setIdentity", person("Ungdomsledare"));
    assert.deepEqual(await call(guest.page, "readInvitation", link), {
      plan: id,
      relays: [url],
      known: null,
    });
    const join = await call(guest.page, "join", link);
    assert.match(join.check_code, /\d/);
    await until(guest.page, { type: "ready", plan: id });
    const members = await eventually(host.page, "members", [id], (members) => members.length === 2);
    assert.ok(members.some((member) => member.name === "Ungdomsledare"));

    await call(guest.page, "execute", id, addNote("från gästen"));
    await eventually(host.page, "view", [id, "notes"], (notes) =>
      notes.some((note) => note.text === "från gästen"),
    );
    await call(host.page, "present", id, { cursor: [3, 4] });
    const presence = await until(guest.page, { type: "presence", plan: id });
    assert.deepEqual(presence.content, { cursor: [3, 4] });

    // The relay goes away; both write; it comes back.
    await stop();
    await call(host.page, "execute", id, addNote("värden ensam"));
    await call(guest.page, "execute", id, addNote("gästen ensam"));
    await call(host.page, "saved", id);
    const apart = await call(host.page, "status", id);
    assert.ok(apart.only_here > 0 && apart.unsaved === 0, JSON.stringify(apart));
    await start();
    for (const { page } of [host, guest]) {
      await eventually(page, "view", [id, "notes"], (notes) => notes.length === 3);
    }
    await eventually(host.page, "status", [id], (status) => status.only_here === 0);
    await eventually(host.page, "status", [id], (status) =>
      status.devices.every((device) => device.lacking_own === 0),
    );
    await guest.context.close();
    await host.context.close();
  },

  async "whoever knocks is shown with a code that both see, and let in or turned away"({ browser, address }) {
    const { url } = await relay();
    const host = await device(browser, address);
    await call(host.page, "setIdentity", person("Samordnare"));
    const { id } = await call(host.page, "createPlan", { title: "Plan", relays: [url] });
    const { link } = await call(host.page, "invite", id, {
      role: "reader",
      expires_at_ms: Date.now() + 1e6,
      uses: 5,
    });
    await until(host.page, { type: "synced", plan: id });

    const [stranger, guest] = [await device(browser, address), await device(browser, address)];
    await call(stranger.page, "setIdentity", person("Okänd"));
    await call(stranger.page, "join", link);
    await call(guest.page, "setIdentity", person("Gäst"));
    const { check_code } = await call(guest.page, "join", link);
    const knocks = await eventually(host.page, "knocks", [id], (knocks) => knocks.length === 2);
    const knock = knocks.find((one) => one.name === "Gäst");
    assert.equal(knock.check_code, check_code);
    await call(host.page, "refuseKnock", id, knocks.find((one) => one.name === "Okänd").device);
    // The one who waits closes the tab, and comes back to the door by opening the plan.
    await guest.page.reload();
    await guest.page.waitForFunction(() => "tested" in globalThis);
    assert.equal((await call(guest.page, "plans"))[0].state, "joining");
    assert.equal((await call(guest.page, "openPlan", id)).ready, false);
    await call(host.page, "admit", id, knock.device);
    await until(guest.page, { type: "ready", plan: id });
    assert.equal((await call(guest.page, "openPlan", id)).role, "reader");
    await assert.rejects(call(guest.page, "execute", id, addNote("nej")), /takes the role editor/);

    await eventually(stranger.page, "joinState", [id], (join) => join.state === "refused");
    assert.equal((await call(stranger.page, "plans"))[0].state, "refused");
    for (const { context } of [host, stranger, guest]) await context.close();
  },
};

try {
  await main();
} catch (error) {
  console.log(`FAILED ${error.stack}`);
  process.exitCode = 1;
} finally {
  for (const clean of cleaners.reverse()) await clean();
}
