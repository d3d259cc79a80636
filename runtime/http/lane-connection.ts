/**
 * One connection of a publisher, for as long as it brings plain requests to publish, one after the other; at the first
 * thing that is anything else it becomes node:http's for good, with not a byte of that consumed.
 */
import type { Socket } from "node:net";
import { answerProblem, encodeAnswer, encodeHeaders, type Answer, type Headers } from "./answer.ts";
import { bodyWithin } from "./body.ts";
import { PlainPostReader, type PlainPost } from "./plain-post.ts";
import { INTERNAL } from "./problem.ts";
import { pathOf } from "./router.ts";
import type { Cors } from "./cors.ts";
import type { Publish } from "./publish.ts";

export interface LaneOptions {
  readonly path: string;
  readonly publish: Publish;
  readonly cors: Cors;
  /** A connection that brings nothing for so long is closed before as long again has passed. */
  readonly keepAliveMs: number;
  readonly date: () => string;
  /** Encoded, of an answer after which the connection goes on. */
  readonly lastingHeaders: string;
  /** Serves the connection from now on. */
  readonly handOver: (socket: Socket) => void;
  /** Is told what `publish` threw. */
  readonly onError: (error: unknown) => void;
}

export class LaneConnection {
  readonly #socket: Socket;
  readonly #options: LaneOptions;
  readonly #onGone: () => void;
  readonly #reader = new PlainPostReader();
  /** The beginning of a request, or what came while the one before it was being answered. */
  #kept: Buffer | undefined;
  #isAnswering = false;
  /** The client will send nothing more. */
  #hasEnded = false;
  /** Something has come since the last sweep. */
  #isFresh = true;

  constructor(socket: Socket, options: LaneOptions, onGone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#onGone = onGone;
    socket.on("data", this.#onData).on("end", this.#onEnd).on("error", waitForClose).on("close", onGone);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  closeIfIdle(): void {
    if (!this.#isFresh && !this.#isAnswering) this.destroy();
    this.#isFresh = false;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#isFresh = true;
    const kept = this.#kept;
    const bytes = kept === undefined ? chunk : Buffer.concat([kept, chunk]);
    if (this.#isAnswering) return this.#keep(bytes);
    const request = this.#socket.writableNeedDrain ? undefined : this.#reader.read(bytes);
    if (request === "unfinished" && kept === undefined) this.#kept = bytes;
    else if (typeof request !== "object" || pathOf(request.head.url) !== this.#options.path)
      this.#handOver(bytes);
    else void this.#answer(request);
  };

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    if (!this.#isAnswering) this.#socket.end();
  };

  /** Until it is handed over, after the answer: requests that overtake an answer are not plain. */
  #keep(bytes: Buffer): void {
    this.#kept = bytes;
    this.#socket.pause();
  }

  async #answer(request: PlainPost): Promise<void> {
    this.#kept = undefined;
    this.#isAnswering = true;
    const answer = await this.#ask(request);
    this.#isAnswering = false;
    if (this.#socket.destroyed) return;
    this.#send(answer, this.#options.cors.headersFor(request.head.headers));
    if (this.#hasEnded || answer.headers["connection"] === "close") this.#socket.destroySoon();
    else if (this.#kept !== undefined) this.#handOver(this.#kept);
  }

  async #ask(request: PlainPost): Promise<Answer> {
    const { publish, onError } = this.#options;
    try {
      return await publish(request.head, (maxBytes) => bodyWithin(request.body, maxBytes));
    } catch (error) {
      onError(error);
      return answerProblem(INTERNAL);
    }
  }

  #send(answer: Answer, corsHeaders: Headers): void {
    const { date, lastingHeaders } = this.#options;
    const lasting = answer.headers["connection"] === undefined ? lastingHeaders : "";
    const more = `date: ${date()}\r\n${lasting}${encodeHeaders(corsHeaders)}`;
    this.#socket.write(encodeAnswer(answer, more));
  }

  #handOver(bytes: Buffer): void {
    const socket = this.#socket;
    socket.pause();
    socket.off("data", this.#onData).off("end", this.#onEnd).off("error", waitForClose);
    socket.off("close", this.#onGone);
    this.#onGone();
    this.#options.handOver(socket);
    socket.unshift(bytes);
    socket.resume();
  }
}

/** The listener that an error needs; "close" follows and is enough. */
function waitForClose(): void {}
