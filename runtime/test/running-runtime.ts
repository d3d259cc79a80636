/** A whole runtime in this process, on a unix socket or a free loopback port, and the requests that a test sends it. */
import { mkdtemp, rm } from "node:fs/promises";
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { BackplaneHealth } from "#runtime/broker/backplane.ts";
import { RuntimeConfigSchema, type RuntimeConfigInput } from "#runtime/config.ts";
import { startRuntime, type Runtime } from "#runtime/runtime.ts";
import { StreamClient } from "./stream-client.ts";

export type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class RunningRuntime {
  readonly address: Address;
  readonly management: Address;
  readonly #runtime: Runtime;
  readonly #directory: string;
  readonly #streams: StreamClient[] = [];

  constructor(runtime: Runtime, address: Address, management: Address, directory: string) {
    this.#runtime = runtime;
    this.address = address;
    this.management = management;
    this.#directory = directory;
  }

  static async start(config: RuntimeConfigInput = {}, pageDirectory?: URL): Promise<RunningRuntime> {
    const directory = await mkdtemp(join(tmpdir(), "runtime-"));
    const parsed = RuntimeConfigSchema.parse({
      listen: { host: "127.0.0.1", port: 0 },
      management: { host: "127.0.0.1", port: 0 },
      drain: { timeoutSeconds: 0 },
      ...config,
    });
    const environment = {
      pod: "pod-1",
      log: pino({ level: "silent" }),
      pageDirectory: pageDirectory ?? new URL(`file://${directory}/`),
    };
    const runtime = await startRuntime(parsed, environment);
    await runtime.ready;
    return new RunningRuntime(
      runtime,
      addressOf(runtime.address),
      addressOf(runtime.managementAddress),
      directory,
    );
  }

  send(ask: Ask): Promise<Answer> {
    return send(this.address, ask);
  }

  publish(data: string | Buffer, query = ""): Promise<Answer> {
    return this.send({ method: "POST", path: `/submit${query}`, body: data });
  }

  /** Open, with its opening read. */
  async stream(query = "", headers: OutgoingHttpHeaders = {}): Promise<StreamClient> {
    const client = await StreamClient.open(this.address, `/status${query}`, headers);
    this.#streams.push(client);
    return client;
  }

  async stats(): Promise<{ readonly connections: number; readonly backplane: BackplaneHealth }> {
    const { text } = await send(this.management, { path: "/stats" });
    return JSON.parse(text) as Awaited<ReturnType<RunningRuntime["stats"]>>;
  }

  /** The value of a sample, as Prometheus would read it. */
  async metric(sample: string): Promise<number> {
    const { text } = await send(this.management, { path: "/metrics" });
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${sample} `));
    return Number(line?.slice(sample.length));
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.close();
    await this.#runtime.drain(AbortSignal.abort());
    await rm(this.#directory, { recursive: true });
  }
}

export function send(
  address: Address,
  { method = "GET", path = "/", headers = {}, body }: Ask,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...address, method, path, headers, agent: false });
    outgoing.on("error", reject);
    outgoing.on("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    outgoing.end(body);
  });
}

function addressOf(address: Runtime["address"]): Address {
  if (address === null) throw new Error("Cannot find the address: the server does not listen");
  return typeof address === "string"
    ? { socketPath: address }
    : { host: address.address, port: address.port };
}
