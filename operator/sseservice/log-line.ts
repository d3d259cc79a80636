/** The end of a container's log -> the one line that says why it ended. Pure. */
import { z } from "zod";

const MAX_LENGTH = 300;
/** As nginx and most programs begin a line; it would differ at each restart. */
const TIME = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(Z|[+-]\d\d:?\d\d)?\]?\s*/;

/** What the runtime and the operator log, a JSON object a line. */
const LogEntry = z.object({
  msg: z.string(),
  err: z.object({ message: z.string() }).optional().catch(undefined),
});

/** Undefined when the log holds no words. */
export function lastLogLine(log: string): string | undefined {
  const line = log
    .split("\n")
    .map((text) => text.trim())
    .findLast((text) => text !== "");
  if (line === undefined) return undefined;
  const text = messageOf(line) ?? line.replace(TIME, "");
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

function messageOf(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const { data } = LogEntry.safeParse(parseJson(line));
  return data && [data.msg, data.err?.message].filter((part) => part !== undefined).join(": ");
}

/** A line that was cut off is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
