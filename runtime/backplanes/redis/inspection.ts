/** Looks at the log before it is read: is it still the one that the reader knows? */
import { randomBytes } from "node:crypto";
import { floorOf, judge, type Place, type Snapshot } from "./continuity.ts";
import type { LogKeys } from "./keys.ts";
import { parseList, parseNumber, parseText } from "./reply.ts";
import { INSPECT, RENEW } from "./scripts.ts";
import type { Session } from "./session.ts";
import type { GapReason } from "#runtime/broker/reasons.ts";

export interface Inspection {
  readonly snapshot: Snapshot;
  /** The server's clock, in milliseconds. */
  readonly serverMs: number;
}

export interface Beginning {
  readonly floor: Place;
  readonly loss: GapReason | undefined;
}

/** Twelve bytes are unlike those of any other pod; what is made from them also holds the server's time. */
export function randomSeed(): string {
  return randomBytes(12).toString("hex");
}

/**
 * Answers where the reader must begin anew; undefined when it can go on. A log that was rolled back gets a new epoch
 * first, so that all pods and all later cursors agree that it was.
 */
export async function findBeginning(
  session: Session,
  keys: LogKeys,
  currentPlace: () => Place | undefined,
): Promise<{ readonly inspection: Inspection; readonly beginning: Beginning | undefined }> {
  const place = currentPlace();
  const inspection = await inspect(session, keys, place);
  const verdict = judge(place, inspection.snapshot);
  const hasReadOn = currentPlace() !== place && isCovered(inspection.snapshot, currentPlace());
  if (verdict.kind === "continues" || hasReadOn) return { inspection, beginning: undefined };
  if (verdict.kind === "begins") {
    return { inspection, beginning: { floor: floorOf(inspection.snapshot), loss: verdict.loss } };
  }
  await session.run(RENEW, [keys.head, keys.log], [randomSeed(), inspection.snapshot.epoch]);
  const renewed = await inspect(session, keys, undefined);
  return { inspection: renewed, beginning: { floor: floorOf(renewed.snapshot), loss: verdict.loss } };
}

/** Messages may have come together with the answer. */
function isCovered(seen: Snapshot, place: Place | undefined): boolean {
  return place !== undefined && place.epoch === seen.epoch && place.n >= seen.n;
}

async function inspect(session: Session, keys: LogKeys, place: Place | undefined): Promise<Inspection> {
  const id = place?.ms === undefined ? "" : `${place.ms}-${place.n}`;
  const reply = parseList(await session.run(INSPECT, [keys.head, keys.log], [randomSeed(), id]));
  const first = parseText(reply[3]);
  const snapshot: Snapshot = {
    epoch: parseText(reply[0]),
    n: parseNumber(reply[1]),
    ms: parseNumber(reply[2]),
    first: first === "" ? undefined : Number(first.slice(first.indexOf("-") + 1)),
    holdsPlace: parseNumber(reply[4]) === 1,
  };
  return { snapshot, serverMs: parseNumber(reply[5]) };
}

/** Whether the head that was read along with events is still the one they were expected under. */
export function isSameLog(reply: unknown, place: Place): boolean {
  const [epoch, n] = parseList(reply);
  return epoch !== null && parseText(epoch) === place.epoch && parseNumber(n) >= place.n;
}
