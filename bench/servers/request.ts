/** The text of a request. Pure. */

/** Its first lines, each ended. */
export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}
