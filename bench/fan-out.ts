/** How fast one core delivers: our runtime beside other hubs and a bare loop of send(2), over the same sockets. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { columns, notes } from "./fan-out/figures.ts";
import { measurePeer } from "./fan-out/measure.ts";
import { promises } from "./fan-out/promises.ts";
import { centrifugo } from "./peers/centrifugo.ts";
import { nchan } from "./peers/nchan.ts";
import type { Peer } from "./peers/peer.ts";
import { runtime, runtimeTcp, runtimeValkey } from "./peers/runtime.ts";
import { article, goroutine, sendLoop } from "./peers/small-servers.ts";
import { conclude, runBench } from "./report/bench.ts";
import { sizeOptions } from "./report/options.ts";
import { runRounds } from "./report/rounds.ts";
import { makePrograms } from "./servers/programs.ts";

const FULL = 10_000;
const everybody: readonly Peer[] = [
  runtime,
  runtimeTcp,
  runtimeValkey,
  nchan,
  centrifugo,
  article,
  goroutine,
  sendLoop,
];
/** Whose publishing is compared. */
const publishers: readonly Peer[] = [runtime, article, goroutine];

const { values } = parseArgs({
  options: {
    ...sizeOptions(FULL),
    /** Of each phase; the one with 2 events a second is twice as long. */
    seconds: { type: "string", default: "2" },
    /** Names, with commas. */
    peers: { type: "string", default: everybody.map(({ name }) => name).join(",") },
  },
});

await runBench("fan-out", async (folder, progress) => {
  const size = { subscribers: Number(values.subscribers), seconds: Number(values.seconds) };
  const servers = choose(values.peers.split(","));
  const programs = await makePrograms(folder, progress);
  for (const peer of servers) await peer.prepare?.(progress);
  const rounds = await runRounds(servers, Number(values.rounds), (peer, round) =>
    measurePeer(peer, join(folder, `${round}-${peer.name}`), programs, size, {
      publishing: publishers.includes(peer),
      ownTopics: peer === runtime,
    }),
  );
  const about = `${size.subscribers} subscribers, each with a connection of its own, 100 bytes of data an event, HTTP/1.1 over unix sockets where
nothing else is said. ${rounds.length} rounds.`;
  const isFull = size.subscribers === FULL && servers.length === everybody.length;
  return conclude({ name: "fan-out", servers: everybody, promises, columns, about, notes }, rounds, isFull);
});

function choose(names: readonly string[]): readonly Peer[] {
  const unknown = names.find((name) => !everybody.some((peer) => peer.name === name));
  if (unknown !== undefined) throw new Error(`Cannot measure "${unknown}": there is no such server`);
  return everybody.filter(({ name }) => names.includes(name));
}
