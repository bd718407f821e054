/** Addresses of relays and the waits between attempts to reach them. */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** `https://relay` becomes `wss://relay/sync`; `null` for what is no relay's address. */
export function socketAddress(url: string): string | null {
  const match = /^(https|http|wss|ws):\/\/(.+)$/.exec(url);
  if (match?.[1] === undefined || match[2] === undefined) {
    return null;
  }
  const scheme = match[1] === "https" || match[1] === "wss" ? "wss" : "ws";
  return `${scheme}://${match[2].replace(/\/+$/, "")}/sync`;
}

/** How long to wait before an attempt: twice as long each time, less a random part, so that a relay that comes back
 * is not met by everybody at once. */
export function waitMs(attempts: number, random: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 16), LONGEST_WAIT_MS);
  return Math.round(wait / 2 + (wait / 2) * random);
}
