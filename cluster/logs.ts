/** The end of a log, which is where the reason of a failure stands. */
import { open } from "node:fs/promises";

const tailBytes = 16_384;

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

/** The last lines of a file, without reading the rest; a file that is not there reads as empty. */
export async function readLastLines(path: string, count: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return lastLines(buffer.toString("utf8"), count);
  } finally {
    await file.close();
  }
}
