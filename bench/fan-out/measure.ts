/** Measures one server once: shared topic, publishing, and a topic for each subscriber. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { deliveryRate, phaseOf, publishingRate } from "../load/figures.ts";
import { runLoad, type Phase, type Plan } from "../load/load.ts";
import type { Peer, RunningPeer } from "../peers/peer.ts";
import type { Programs } from "../servers/programs.ts";
import { measureSharedTopic, type FanOutFigures } from "./figures.ts";

export interface Size {
  readonly subscribers: number;
  /** Of each phase, and of rest before the first; the one with 2 events a second is twice as long. */
  readonly seconds: number;
}

export interface Parts {
  readonly publishing: boolean;
  readonly ownTopics: boolean;
}

export async function measurePeer(
  peer: Peer,
  folder: string,
  programs: Programs,
  size: Size,
  parts: Parts,
): Promise<FanOutFigures> {
  const load = join(programs.tools, "load");
  const figures = await withPeer(peer, folder, programs, async (running) => ({
    ...measureSharedTopic(await runLoad(load, sharedTopic(running, size)), size.subscribers),
    ...(parts.publishing ? await measurePublishing(load, running, size) : {}),
  }));
  if (!parts.ownTopics) return figures;
  const report = await withPeer(peer, `${folder}-topics`, programs, (running) =>
    runLoad(load, ownTopics(running, size)),
  );
  return { ...figures, ownTopics: deliveryRate(phaseOf(report, "own topics")) };
}

/** The calm phase comes last, when code that is compiled while it runs has warmed up. */
function sharedTopic(running: RunningPeer, size: Size): Plan {
  const { seconds } = size;
  const phases: readonly Phase[] = [
    { name: "flood", publishers: 8, seconds },
    { name: "lockstep", publishers: 1, lockstep: true, seconds },
    { name: "calm", publishers: 1, rate: 2, seconds: seconds * 2 },
  ];
  return { ...plan(running, size), phases };
}

function ownTopics(running: RunningPeer, size: Size): Plan {
  const inTurn = [{ name: "own topics", publishers: 8, batch: 100, seconds: size.seconds }];
  return { ...plan(running, size), ...running.eachItsOwn, eachItsOwn: true, phases: inTurn };
}

async function measurePublishing(
  load: string,
  running: RunningPeer,
  { seconds }: Size,
): Promise<Partial<FanOutFigures>> {
  const phases = ["warming up", "publishing"].map((name) => ({ name, publishers: 8, seconds }));
  const alone = { ...plan(running, { subscribers: 1, seconds }), settleMs: 0 };
  const single = await runLoad(load, { ...alone, phases });
  const publishing = publishingRate(phaseOf(single, "publishing"));
  if (running.publishBatch === undefined) return { publishing };
  const batches = phases.map((phase) => ({ ...phase, batch: 100 }));
  const many = await runLoad(load, { ...alone, publish: running.publishBatch, phases: batches });
  return { publishing, batchPublishing: publishingRate(phaseOf(many, "publishing")) };
}

function plan(
  { server, subscribe, publish }: RunningPeer,
  { subscribers, seconds }: Size,
): Omit<Plan, "phases"> {
  return { subscribe, publish, pids: server.pids, subscribers, settleMs: seconds * 1_000 };
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
