/** A link as a QR code: black fields as one path, in units of one field. */
import qrcode from "qrcode-generator";

export interface QrCode {
  /** Fields on a side, the quiet margin included. */
  size: number;
  /** The `d` of an SVG path. */
  path: string;
}

/** The margin that readers need around it, in fields. */
const QUIET = 4;

/**
 * Medium correction: a projector's light is uneven, and a longer link still leaves large fields. Neighbours in a row
 * become one rectangle, so that no hairlines show between them.
 */
export function qrCode(text: string): QrCode {
  const code = qrcode(0, "M");
  code.addData(text, "Byte");
  code.make();
  const count = code.getModuleCount();
  const parts: string[] = [];
  for (let row = 0; row < count; row += 1) {
    let start = -1;
    for (let column = 0; column <= count; column += 1) {
      const dark = column < count && code.isDark(row, column);
      if (dark && start < 0) start = column;
      if (!dark && start >= 0) {
        const width = column - start;
        parts.push(`M${start + QUIET} ${row + QUIET}h${width}v1h-${width}z`);
        start = -1;
      }
    }
  }
  return { size: count + 2 * QUIET, path: parts.join("") };
}
