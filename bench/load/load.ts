/** The load tool as a function: a plan in, what it saw out. */
import { z } from "zod";
import { run } from "#cluster/commands.ts";

/** The servers have the first core for themselves, the load tool the second. */
export const SERVER_CORE = "0";
const LOAD_CORE = "1";

export interface Address {
  readonly network: "unix" | "tcp";
  /** A path, or an IPv4 address with its port. */
  readonly address: string;
}

/** A connection for each subscriber. */
export interface Http1Subscribe extends Address {
  /** The whole request as it goes over the wire. */
  readonly request: string;
}

/** Over TLS, with several subscribers on a connection. */
export interface Http2Subscribe extends Address {
  readonly path: string;
  readonly streamsPerConnection: number;
}

export interface PublishEndpoint extends Address {
  readonly tls?: boolean;
  /** Request line and headers, without Content-Length and the empty line. */
  readonly head: string;
  /** Stand around an event's payload. */
  readonly before?: string;
  readonly after?: string;
}

export interface Phase {
  readonly name: string;
  readonly publishers: number;
  readonly seconds: number;
  /** Events in a request. */
  readonly batch?: number;
  /** Events a second of each publisher; without one the next goes as soon as the last is answered. */
  readonly rate?: number;
  /** The next event goes only when every subscriber has read the last. */
  readonly lockstep?: boolean;
}

export interface Plan {
  readonly subscribers: number;
  /**
   * Every subscriber has a topic of its own: "{n}" in its request and before an event's payload is its number, and
   * each publisher's events go to one after the other.
   */
  readonly eachItsOwn?: boolean;
  readonly subscribe: Http1Subscribe | Http2Subscribe;
  readonly publish: PublishEndpoint;
  /** The server's processes, whose memory and CPU are measured. */
  readonly pids: readonly number[];
  /** How long the server is left alone between the last connection and the look at its memory. */
  readonly settleMs: number;
  readonly phases: readonly Phase[];
  /**
   * In the end the server is killed, to be started again by whoever started it, and its subscribers come back as a
   * browser's would. So many events are published meanwhile.
   */
  readonly restart?: { readonly events: number; readonly timeoutSeconds: number };
}

const PhaseReport = z.object({
  Name: z.string(),
  Published: z.int(),
  Delivered: z.int(),
  /** Until the last delivery; PublishingSeconds until the last answer. */
  Seconds: z.number(),
  PublishingSeconds: z.number(),
  CpuSeconds: z.number(),
  P50Ms: z.number(),
  P99Ms: z.number(),
  MaxMs: z.number(),
});

const RestartReport = z.object({
  /** From the kill until everybody has what was published meanwhile. */
  CaughtUpSeconds: z.number(),
  /** Until everybody has also one event that was published then. */
  LiveSeconds: z.number(),
  /** Attempts to come back that found nobody. */
  Refused: z.int(),
});

const LoadReport = z.object({
  ConnectSeconds: z.number(),
  BytesBefore: z.int(),
  BytesAfter: z.int(),
  Lost: z.int(),
  Repeated: z.int(),
  /** In how many different orders the subscribers of one topic saw its events: 1 is right. */
  Orders: z.int(),
  Phases: z.array(PhaseReport),
  Restart: RestartReport.nullable(),
});

export type LoadReport = z.output<typeof LoadReport>;
export type PhaseReport = z.output<typeof PhaseReport>;

/** Longer than connecting, draining and settling ever take. */
const SPARE_SECONDS = 60;

/** Throws for an event that was lost, repeated or out of order: figures of a server that does so mean nothing. */
export async function runLoad(program: string, plan: Plan): Promise<LoadReport> {
  const phases = plan.phases.map((phase) => ({ batch: 1, ...phase }));
  const publishers = Math.max(1, ...phases.map((phase) => phase.publishers));
  const seconds = phases.reduce((sum, phase) => sum + phase.seconds, SPARE_SECONDS);
  const input = JSON.stringify({ ...plan, publishers, phases });
  const command = ["timeout", `${seconds}`, "taskset", "-c", LOAD_CORE, program];
  const report = LoadReport.parse(JSON.parse(await run(command, { input, env: { GOGC: "400" } })));
  const { Lost: lost, Repeated: repeated, Orders: orders } = report;
  if (lost > 0 || repeated > 0 || orders > 1) {
    throw new Error(`Cannot compare: ${lost} events lost, ${repeated} repeated, ${orders} different orders`);
  }
  return report;
}
