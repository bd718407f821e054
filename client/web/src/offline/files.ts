/** A file of the app, as the service worker keeps it. */
export interface AppFile {
  /** From the app's folder, without a slash in front. */
  path: string;
  /** As in Subresource Integrity: a file of another build is not taken, so no device ever holds half of two. */
  integrity: string;
}
