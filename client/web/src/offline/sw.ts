/**
 * The service worker: keeps the whole app on the device, so that it starts without a connection.
 *
 * One build, one cache, filled before the worker is installed and never changed after. A build takes over when
 * somebody says so (`activate`), or when no page of the older one is open: a page that is being written in is never
 * pulled away. The build before stays too, for the pages that were opened with it.
 *
 * It answers for the app's own files alone. Nothing of a plan passes through it: that goes by WebSocket.
 */
import type { AppFile } from "./files";

/** What this needs of `ServiceWorkerGlobalScope`, whose types and the page's cannot be had together. */
interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(type: "message", listener: (event: Lasting & MessageEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: Asked) => void): void;
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = self as unknown as Scope;

/** Put in by the build (`vite/offline.ts`), as JSON. */
const build = JSON.parse("__SAMVERKA_BUILD__") as { version: string; files: AppFile[] };

const PREFIX = "samverka-app-";
const CACHE = PREFIX + build.version;
const PAGE = "index.html";
const HASHED = "assets/";
/** This build's and the one before. */
const KEPT = 2;

const at = (path: string) => new URL(path, scope.registration.scope).href;
const addresses = new Set(build.files.map(({ path }) => at(path)));

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
});

scope.addEventListener("activate", (event) => {
  // The first visit's page can go on without a connection too, by the screens that it has not loaded yet.
  event.waitUntil(forgetOld().then(() => scope.clients.claim()));
});

scope.addEventListener("message", (event) => {
  if (event.data === "activate") event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  const page = request.mode === "navigate" && (url.href === at("") || url.href === at(PAGE));
  if (page) event.respondWith(answer(at(PAGE), request));
  else if (addresses.has(url.href)) event.respondWith(answer(url.href, request));
  // A page of the build before asks for a screen that it has not loaded yet.
  else if (url.href.startsWith(at(HASHED))) event.respondWith(answer(url.href, request));
});

/** Takes in every file, or none: a build that is not whole is not installed. */
async function install(): Promise<void> {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(build.files.map((file) => take(cache, file)));
  } catch (failure) {
    await caches.delete(CACHE);
    throw failure;
  }
}

async function take(cache: Cache, { path, integrity }: AppFile): Promise<void> {
  const address = at(path);
  if (await cache.match(address)) return;
  // What carries its hash in its name is the same in every build that has it.
  const before = path.startsWith(HASHED) ? await caches.match(address) : undefined;
  const response = before ?? (await fetch(address, { integrity, cache: "no-cache", credentials: "omit" }));
  if (!response.ok || response.redirected) throw new Error(`${address}: ${response.status}`);
  await cache.put(address, response);
}

async function forgetOld(): Promise<void> {
  // In the order in which they were made.
  const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  const gone = ours.slice(0, Math.max(0, ours.length + 1 - KEPT));
  await Promise.all(gone.map((name) => caches.delete(name)));
}

async function answer(address: string, request: Request): Promise<Response> {
  const own = await caches.open(CACHE);
  return (await own.match(address)) ?? (await caches.match(address)) ?? fetch(request);
}
