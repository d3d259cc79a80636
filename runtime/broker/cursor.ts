/**
 * A place in the log, as the `id` that browsers keep and send back. Short, and of characters that pass in a
 * `Last-Event-ID` header without a CORS preflight.
 */

/** `<epoch>.<position in base 36>` and, where a backplane can prove identity with it, `-<witness>`. */
const SHAPE = /^([A-Za-z0-9]{1,16})\.([0-9a-z]{1,11})(?:-([A-Za-z0-9]{1,16}))?$/;

export interface Cursor {
  /** Names one unbroken history; positions of different epochs say nothing about each other. */
  readonly epoch: string;
  /** Dense within the epoch: the event after position n has n + 1. 0 is before the first event. */
  readonly position: number;
  /** What goes on the wire. Two cursors are the same place when their texts are equal. */
  readonly text: string;
}

/** The parts must fit the shape: an epoch of 1-16 and a witness of 0-16 letters and digits. */
export function createCursor(epoch: string, position: number, witness = ""): Cursor {
  const place = `${epoch}.${position.toString(36)}`;
  return { epoch, position, text: witness === "" ? place : `${place}-${witness}` };
}

/** undefined for whatever no backplane could have issued. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = SHAPE.exec(text) ?? [];
  if (epoch === undefined || digits === undefined) return undefined;
  const position = Number.parseInt(digits, 36);
  const isCanonical = Number.isSafeInteger(position) && position.toString(36) === digits;
  return isCanonical ? { epoch, position, text } : undefined;
}
