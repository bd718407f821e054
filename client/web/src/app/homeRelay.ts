/** The relay that this page came from; a page from a file or from the development server came from none. */
export function homeRelay(): string | null {
  if (import.meta.env.DEV) return null;
  const { protocol, host } = window.location;
  if (protocol === "https:") return `wss://${host}`;
  return protocol === "http:" ? `ws://${host}` : null;
}
