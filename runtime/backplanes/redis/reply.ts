/** Takes a server's answers apart: what has not the expected shape is an error of its own, never a wrong value. */
export class ReplyError extends Error {
  override readonly name = "ReplyError";
}

export function parseList(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw new ReplyError(`Cannot read the server's answer: expected a list, found ${typeof reply}`);
}

export function parseBytes(reply: unknown): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  throw new ReplyError(`Cannot read the server's answer: expected a string, found ${typeof reply}`);
}

export function parseText(reply: unknown): string {
  return typeof reply === "string" ? reply : parseBytes(reply).toString();
}

export function parseNumber(reply: unknown): number {
  const number = typeof reply === "number" ? reply : Number(parseText(reply));
  if (Number.isSafeInteger(number)) return number;
  throw new ReplyError("Cannot read the server's answer: expected an integer");
}
