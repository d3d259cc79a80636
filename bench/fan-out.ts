/**
 * How fast one core delivers: our runtime beside other hubs and a bare loop of send(2), over the same sockets, in
 * interleaved rounds. Writes docs/benchmarks.md; fails when a promise is not kept. Local sockets only.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createSteps } from "#tools/steps.ts";
import { runLoad, type Phase, type Plan } from "./fan-out/load.ts";
import {
  measure,
  measureOwnTopics,
  publishingRate,
  type Measurement,
  type Round,
} from "./fan-out/measurement.ts";
import { makePrograms, type Programs } from "./fan-out/programs.ts";
import { isBroken, judge, promises } from "./fan-out/promises.ts";
import { buildPage, figureTable, promiseTable } from "./fan-out/report.ts";
import { centrifugo } from "./peers/centrifugo.ts";
import { nchan } from "./peers/nchan.ts";
import type { Peer, PeerName, RunningPeer } from "./peers/peer.ts";
import { runtime, runtimeTcp } from "./peers/runtime.ts";
import { article, goroutine, sendLoop } from "./peers/small-servers.ts";

const FULL = 10_000;
const ours: readonly Peer[] = [runtime, runtimeTcp];
const everybody: readonly Peer[] = [...ours, nchan, centrifugo, article, goroutine, sendLoop];
/** Whose publishing is compared. */
const publishers: readonly Peer[] = [runtime, article, goroutine];

const { values } = parseArgs({
  options: {
    /** Fewer for a quick look, which writes no page. */
    subscribers: { type: "string", default: `${FULL}` },
    rounds: { type: "string", default: "3" },
    /** Of each phase; the one with 2 events a second is twice as long. */
    seconds: { type: "string", default: "2" },
    /** Names, with commas. */
    peers: { type: "string", default: everybody.map(({ name }) => name).join(",") },
  },
});
const subscribers = Number(values.subscribers);
const seconds = Number(values.seconds);
const chosen = values.peers.split(",");
const peers = everybody.filter(({ name }) => chosen.includes(name));

/** The calm one comes last, when code that is compiled while it runs has warmed up. */
const phases: readonly Phase[] = [
  { name: "flood", publishers: 8, seconds },
  { name: "lockstep", publishers: 1, lockstep: true, seconds },
  { name: "calm", publishers: 1, rate: 2, seconds: seconds * 2 },
];

async function runRound(folder: string, programs: Programs, number: number): Promise<Round> {
  const round: Partial<Record<PeerName, Measurement | undefined>> = {};
  // Each round begins with another one, so that nobody always comes after the same neighbour's heat.
  const order = peers.map((_, index) => peers[(index + number) % peers.length] ?? runtime);
  for (const peer of order) {
    console.log(`  round ${number + 1}: ${peer.title}`);
    const measurement = measurePeer(peer, join(folder, `${number}-${peer.name}`), programs);
    round[peer.name] = await (ours.includes(peer) ? measurement : measurement.catch(leaveOut));
  }
  return round;
}

/** Nothing is claimed about a server that cannot do it; ours has to. */
function leaveOut(error: unknown): undefined {
  console.error(`  left out: ${error instanceof Error ? error.message : String(error)}`);
}

async function measurePeer(peer: Peer, folder: string, programs: Programs): Promise<Measurement> {
  const load = join(programs.tools, "load");
  const shared = await withPeer(peer, folder, programs, async (running) => {
    const fanOut = measure(await runLoad(load, { ...plan(running), phases }), subscribers);
    return publishers.includes(peer) ? { ...fanOut, ...(await measurePublishing(load, running)) } : fanOut;
  });
  if (peer !== runtime) return shared;
  // A process of its own: memory is measured by what the first connections add.
  return withPeer(peer, `${folder}-topics`, programs, async (running) => {
    const inTurn = [{ name: "own topics", publishers: 8, batch: 100, seconds }];
    const ownTopics = { ...plan(running), ...running.eachItsOwn, eachItsOwn: true, phases: inTurn };
    return { ...shared, ...measureOwnTopics(await runLoad(load, ownTopics), subscribers, shared) };
  });
}

async function measurePublishing(load: string, running: RunningPeer): Promise<Partial<Measurement>> {
  const publishing = ["warming up", "publishing"].map((name) => ({ name, publishers: 8, seconds }));
  const alone = { ...plan(running), subscribers: 1, settleMs: 0 };
  const single = publishingRate(await runLoad(load, { ...alone, phases: publishing }));
  if (running.publishBatch === undefined) return { publishing: single };
  const batches = publishing.map((phase) => ({ ...phase, batch: 100 }));
  const many = await runLoad(load, { ...alone, publish: running.publishBatch, phases: batches });
  return { publishing: single, batchPublishing: publishingRate(many) };
}

function plan({ server, subscribe, publish }: RunningPeer): Omit<Plan, "phases"> {
  return { subscribe, publish, pids: server.pids, subscribers, settleMs: 2_000 };
}

async function withPeer<T>(
  peer: Peer,
  folder: string,
  programs: Programs,
  work: (running: RunningPeer) => Promise<T>,
): Promise<T> {
  await mkdir(folder);
  const running = await peer.start(folder, programs);
  try {
    return await work(running);
  } finally {
    await running.server.stop();
  }
}

async function main(): Promise<number> {
  if (availableParallelism() < 2) throw new Error("Cannot measure on one core: the load tool needs its own");
  const unknown = chosen.find((name) => !everybody.some((peer) => peer.name === name));
  if (unknown !== undefined) throw new Error(`Cannot measure "${unknown}": there is no such server`);
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  try {
    const steps = createSteps();
    const programs = await makePrograms(folder, steps);
    for (const peer of peers) await peer.prepare?.(steps);
    const rounds: Round[] = [];
    while (rounds.length < Number(values.rounds))
      rounds.push(await runRound(folder, programs, rounds.length));
    return await conclude(rounds);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function conclude(rounds: readonly Round[]): Promise<number> {
  const verdicts = promises.map((promised) => judge(promised, rounds));
  console.log(`\n${figureTable(peers, rounds)}\n\n${promiseTable(everybody, verdicts)}`);
  if (subscribers === FULL && peers.length === everybody.length) {
    const [cpu] = cpus();
    const circumstances = {
      machine: `${cpus().length} × ${cpu?.model ?? "unknown"}, Node ${process.version}`,
      date: new Date().toISOString().slice(0, 10),
      subscribers,
    };
    const path = join(import.meta.dirname, "..", "docs", "benchmarks.md");
    await writeFile(path, buildPage(circumstances, peers, rounds, verdicts));
  }
  const broken = verdicts.filter(isBroken);
  console.log(`\n${broken.length} of ${verdicts.length} promises not kept`);
  return broken.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`\nfan-out: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
