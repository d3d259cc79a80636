/** A reflector between a scripted API server and a sink that writes down what it hears. For tests only. */
import { onTestFinished } from "vitest";
import type {
  ClusterError,
  KubernetesObject,
  ObjectQuery,
  Watch,
  WatchSink,
} from "#operator/engine/cluster.ts";
import { createManualClock, type ManualClock } from "#operator/engine/manual-clock.ts";
import { Mailbox } from "./mailbox.ts";
import { startReflector } from "./reflector.ts";
import { createResourcePaths } from "./resource-paths.ts";
import { type BodyWriter, createScriptedTransport, type ScriptedTransport } from "./scripted-transport.ts";

type Interruption = { error: ClusterError; delayMs: number };

export type Rig = {
  transport: ScriptedTransport;
  clock: ManualClock;
  watch: Watch;
  /** Waits for the next call of the sink and returns it as a short text. */
  heard(): Promise<string>;
  /** Everything that the sink was told and `heard` has not taken, once nothing moves any more. */
  unheard(): Promise<number>;
  /** Waits for the next interruption and lets its delay pass; returns it and how long the delay was. */
  interruption(): Promise<Interruption>;
};

export function startRig(
  query: Partial<ObjectQuery> = {},
  /** Called before the sink takes what it is told; may throw. */
  onSink?: (told: "replaced" | "changed", watch: Watch) => void,
): Rig {
  const transport = createScriptedTransport();
  const clock = createManualClock();
  const calls = new Mailbox<string>();
  const interruptions = new Mailbox<Interruption>();
  const sink: WatchSink = {
    replaced: (objects) => {
      onSink?.("replaced", rig.watch);
      calls.post(`replaced ${objects.map(brief).sort().join(" ")}`.trim());
    },
    changed: (object) => {
      onSink?.("changed", rig.watch);
      calls.post(`changed ${brief(object)}`);
    },
    deleted: (object) => calls.post(`deleted ${brief(object)}`),
    interrupted: (error, delayMs) => interruptions.post({ error, delayMs }),
  };
  const watch = startReflector({
    transport,
    paths: createResourcePaths(),
    query: { apiVersion: "v1", kind: "ConfigMap", ...query },
    sink,
    clock,
    random: () => 0.5,
  });
  onTestFinished(() => watch.stop());
  const rig: Rig = {
    transport,
    clock,
    watch,
    heard: () => calls.take(),
    unheard: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return calls.size;
    },
    interruption: async () => {
      const interruption = await interruptions.take();
      clock.advance(interruption.delayMs); // the pause began right after the sink was told
      return interruption;
    },
  };
  return rig;
}

const brief = ({ metadata: { name, resourceVersion } }: KubernetesObject) => `${name}@${resourceVersion}`;

function object(name: string, resourceVersion: string, uid = `uid-${name}`) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", uid, resourceVersion },
  };
}

export const added = (name: string, version: string, uid?: string) => ({
  type: "ADDED",
  object: object(name, version, uid),
});
export const modified = (name: string, version: string) => ({
  type: "MODIFIED",
  object: object(name, version),
});
export const deleted = (name: string, version: string) => ({
  type: "DELETED",
  object: object(name, version),
});
export const bookmark = (resourceVersion: string, annotations = {}) => ({
  type: "BOOKMARK",
  object: { apiVersion: "v1", kind: "ConfigMap", metadata: { resourceVersion, annotations } },
});
export const endOfInitial = (version: string) => bookmark(version, { "k8s.io/initial-events-end": "true" });
export const status = (code: number, reason: string, message = reason) => ({
  apiVersion: "v1",
  kind: "Status",
  status: "Failure",
  code,
  reason,
  message,
  details: { name: "x" },
});

/** Gets a rig past its first sync. */
export async function synced(rig: Rig, ...events: object[]): Promise<BodyWriter> {
  const stream = (await rig.transport.next()).open();
  stream.send(...events, endOfInitial("10"));
  await rig.heard();
  return stream;
}
