import type { sv } from "./catalogue/sv";

/** The name of a message. */
export type MessageKey = keyof typeof sv;

/** Every message in one language. */
export type Catalogue = Record<MessageKey, string>;

/** Messages that differ from another language's. */
export type PartialCatalogue = Partial<Catalogue>;
