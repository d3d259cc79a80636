/** What a pod delivers over TLS and HTTP/2 on one core, beside Centrifugo ending its own TLS. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runLoad, type Phase } from "./load/load.ts";
import { columns, measure, notes, promises, type PairFigures } from "./pair/figures.ts";
import { centrifugo, pod, type SecurePeer } from "./pair/peers.ts";
import { conclude, runBench } from "./report/bench.ts";
import { sizeOptions } from "./report/options.ts";
import { runRounds } from "./report/rounds.ts";
import { makePrograms, type Programs } from "./servers/programs.ts";

const FULL = 1_000;
const STREAMS_PER_CONNECTION = 10;
const everybody: readonly SecurePeer[] = [pod, centrifugo];

const { values } = parseArgs({
  options: {
    ...sizeOptions(FULL),
    /** Of each phase; the one with 10 events a second is twice as long. */
    seconds: { type: "string", default: "3" },
    /** Names, with commas. */
    peers: { type: "string", default: everybody.map(({ name }) => name).join(",") },
  },
});
const subscribers = Number(values.subscribers);
const seconds = Number(values.seconds);

const phases: readonly Phase[] = [
  { name: "many", publishers: 8, seconds },
  { name: "single", publishers: 1, seconds },
  { name: "calm", publishers: 1, rate: 10, seconds: seconds * 2 },
];

await runBench("pair", async (folder, progress) => {
  const servers = everybody.filter(({ name }) => values.peers.split(",").includes(name));
  const programs = await makePrograms(folder, progress);
  for (const peer of servers) await peer.prepare(progress);
  const rounds = await runRounds(servers, Number(values.rounds), (peer, round) =>
    measurePeer(peer, join(folder, `${round}-${peer.name}`), programs),
  );
  const about = `${subscribers} streams, ${STREAMS_PER_CONNECTION} on each connection, 100 bytes of data an event. ${rounds.length} rounds.`;
  const isFull = subscribers === FULL && servers.length === everybody.length;
  return conclude({ name: "pair", servers: everybody, promises, columns, about, notes }, rounds, isFull);
});

async function measurePeer(peer: SecurePeer, folder: string, programs: Programs): Promise<PairFigures> {
  await mkdir(folder);
  const { server, subscribe, publish } = await peer.start(folder, programs);
  try {
    const streams = { ...subscribe, streamsPerConnection: STREAMS_PER_CONNECTION };
    const plan = { subscribe: streams, publish, pids: server.pids, subscribers, settleMs: 500, phases };
    return measure(await runLoad(join(programs.tools, "load"), plan));
  } finally {
    await server.stop();
  }
}
