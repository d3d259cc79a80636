/** Many idle subscribers at once, each on a topic that may be its own. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Http1Subscribe } from "../load/load.ts";

/** Opened at once: no server's backlog overflows. */
const WAVE = 200;

export async function openStreams(
  count: number,
  subscribe: (index: number) => Http1Subscribe,
): Promise<Socket[]> {
  const streams: Socket[] = [];
  while (streams.length < count) {
    const wave = Math.min(WAVE, count - streams.length);
    const opening = Array.from({ length: wave }, (_, index) => openStream(subscribe(streams.length + index)));
    streams.push(...(await Promise.all(opening)));
  }
  return streams;
}

async function openStream({ address, request }: Http1Subscribe): Promise<Socket> {
  const socket = connect(address);
  socket.write(request);
  const [head] = (await once(socket, "data")) as [Buffer];
  if (!head.toString("latin1").startsWith("HTTP/1.1 200"))
    throw new Error("Cannot open a stream: it was refused");
  socket.resume();
  return socket;
}
