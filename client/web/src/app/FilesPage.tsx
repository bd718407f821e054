export default function P(_: { route: unknown }) {
  return null;
}
