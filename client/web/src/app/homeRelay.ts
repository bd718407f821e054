/** The relay that this page came from; a page from a file or from the development server came from none. */
export function homeRelay(): string | null {
  const { protocol, origin } = window.location;
  return !import.meta.env.DEV && /^https?:$/.test(protocol) ? origin : null;
}
