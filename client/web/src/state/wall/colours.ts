/** The colours that a note may have. Each has a second sign, drawn in its corner and named in the legend. */
export const NOTE_COLOURS = ["butter", "birch", "sky", "rose", "heather", "clay", "paper"] as const;

export type NoteColour = (typeof NOTE_COLOURS)[number];

export type NoteSign = "dot" | "triangle" | "square" | "diamond" | "star" | "cross" | "none";

export const SIGN_OF: Record<NoteColour, NoteSign> = {
  butter: "dot",
  birch: "triangle",
  sky: "square",
  rose: "diamond",
  heather: "star",
  clay: "cross",
  paper: "none",
};

/** A note's colour; one that this version does not know is shown as butter and kept as it is. */
export function colourOf(colour: string | null): NoteColour {
  return NOTE_COLOURS.find((one) => one === colour) ?? "butter";
}
