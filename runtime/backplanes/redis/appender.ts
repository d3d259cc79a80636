/**
 * Sends batches to the server and says what became of them. A batch is sent once: when its answer is lost, only the
 * publisher, who has the idempotency key, can send it again without risk, and a key of our own for every batch would
 * double what small events cost the server's memory.
 */
import { createCursor } from "#runtime/broker/cursor.ts";
import type { AppendOutcome, Batch } from "#runtime/broker/backplane.ts";
import { isMoved } from "./primary.ts";
import { ReplicaConfirmation } from "./replica-confirmation.ts";
import { parseList, parseNumber, parseText } from "./reply.ts";
import { errorCode, rejectedOnAbort, type Session } from "./session.ts";
import { describeTrouble } from "./trouble.ts";

export interface AppenderOptions {
  /** Sends the batch in one command; answers what the scripts answer. */
  readonly send: (session: Session, batch: Batch) => Promise<unknown>;
  /** Replicas that must have a batch before it counts as stored. */
  readonly minReplicas: number;
}

/** More is refused: a slow server must not fill this process' memory. */
const MAX_WAITING_BATCHES = 4_096;
const MAX_WAITING_BYTES = 33_554_432;

/** The server answers with these before it has written anything. */
const REFUSALS: ReadonlySet<string> = new Set([
  "LOADING",
  "READONLY",
  "NOREPLICAS",
  "NOREADERS",
  "OOM",
  "MISCONF",
  "BUSY",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "MOVED",
  "ASK",
  "TRYAGAIN",
  "NOAUTH",
]);

export class Appender {
  readonly #options: AppenderOptions;
  readonly #confirmation: ReplicaConfirmation;
  #session: Session | undefined;
  #waitingBatches = 0;
  #waitingBytes = 0;

  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#confirmation = new ReplicaConfirmation(options.minReplicas);
  }

  /** Batches go over this session until it ends; then rejects. */
  async serve(session: Session, ready: () => void): Promise<never> {
    this.#session = session;
    ready();
    try {
      return await rejectedOnAbort(session.signal);
    } finally {
      this.#session = undefined;
    }
  }

  async append(batch: Batch): Promise<AppendOutcome> {
    const session = this.#session;
    if (session === undefined) return refused("The backplane's server cannot be reached.");
    const bytes = batch.events.reduce((sum, event) => sum + event.data.length, 0);
    if (this.#waitingBatches >= MAX_WAITING_BATCHES || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return refused("The backplane's server is slow: too much waits for its answer.");
    }
    this.#waitingBatches++;
    this.#waitingBytes += bytes;
    try {
      return await this.#store(session, batch);
    } catch (error) {
      if (isMoved(error)) session.end(error);
      return outcomeOf(error);
    } finally {
      this.#waitingBatches--;
      this.#waitingBytes -= bytes;
    }
  }

  async #store(session: Session, batch: Batch): Promise<AppendOutcome> {
    const outcome = parseStored(await this.#options.send(session, batch));
    const { minReplicas } = this.#options;
    if (minReplicas === 0 || (await this.#confirmation.confirm(session)) >= minReplicas) return outcome;
    return {
      kind: "unknown",
      reason: `It is stored, but not on ${minReplicas} replicas, so it may be lost.`,
    };
  }
}

function parseStored(reply: unknown): AppendOutcome {
  const [kind, epochReply, ms, first, count] = parseList(reply);
  const epoch = parseText(epochReply);
  const witness = parseNumber(ms).toString(36);
  const cursors = Array.from({ length: parseNumber(count) }, (_, index) =>
    createCursor(epoch, parseNumber(first) + index, witness),
  );
  return { kind: "stored", cursors, repeated: parseText(kind) === "repeated" };
}

function outcomeOf(error: unknown): AppendOutcome {
  const code = errorCode(error);
  const found = describeTrouble(error);
  if (code !== undefined && REFUSALS.has(code))
    return refused(`The backplane's server refused it: ${found}.`);
  return { kind: "unknown", reason: `The backplane's server gave no answer: ${found}.` };
}

function refused(reason: string): AppendOutcome {
  return { kind: "refused", reason };
}
