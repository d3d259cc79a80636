/** Asks on how many replicas everything sent so far is; one question for all who ask in the same turn. */
import { parseNumber } from "./reply.ts";
import type { Session } from "./session.ts";

/** WAIT holds up its whole connection, so this must end well before the session's patience does. */
const WAIT_MS = 1_000;

export class ReplicaConfirmation {
  readonly #minReplicas: number;
  #asked: { readonly session: Session; readonly answer: Promise<number> } | undefined;

  constructor(minReplicas: number) {
    this.#minReplicas = minReplicas;
  }

  confirm(session: Session): Promise<number> {
    if (this.#asked?.session !== session) this.#asked = { session, answer: this.#ask(session) };
    return this.#asked.answer;
  }

  async #ask(session: Session): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#asked = undefined;
    return parseNumber(await session.send(["WAIT", String(this.#minReplicas), String(WAIT_MS)]));
  }
}
