/** Asks a Node process, over its inspector, what its heap holds once everything that can go is gone. */
import { once } from "node:events";
import { z } from "zod";

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.url() })).min(1);
const Answer = z.object({ id: z.int(), result: z.unknown() });
const HeapUsage = z.object({
  usedSize: z.number(),
  /** Buffers. */
  backingStorageSize: z.number(),
});

/** What one collection frees only for the next one to find. */
const COLLECTIONS = 3;

export class Inspector {
  readonly #socket: WebSocket;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** The process must have been started with `--inspect` at this port of the loopback address. */
  static async open(port: number): Promise<Inspector> {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`);
    const [target] = Targets.parse(await response.json());
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
    await once(socket, "open");
    return new Inspector(socket);
  }

  /** Bytes that are in use after a garbage collection, Buffers included. */
  async usedBytes(): Promise<number> {
    for (let left = COLLECTIONS; left > 0; left--) await this.#call("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = HeapUsage.parse(await this.#call("Runtime.getHeapUsage"));
    return usedSize + backingStorageSize;
  }

  close(): void {
    this.#socket.close();
  }

  async #call(method: string): Promise<unknown> {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [event] = (await once(this.#socket, "message")) as [MessageEvent];
      const answer = Answer.safeParse(JSON.parse(String(event.data)));
      if (answer.success && answer.data.id === id) return answer.data.result;
    }
  }
}
