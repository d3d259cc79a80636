/** What an apply of a file, or this release of the operator, would change: the operator's own reconcile, rehearsed. */
import type { Cluster, KubernetesObject, ObjectRef } from "#operator/engine/cluster.ts";
import type { DryRun } from "#operator/kubernetes/dry-run.ts";
import { createMemories } from "#operator/memories.ts";
import { createReconciler } from "#operator/reconcile.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";
import { createWatches, keyOf, type Watches } from "#operator/watches.ts";
import type { ResourceInFile, ServiceDocument } from "./documents.ts";
import { createRehearsal, type RehearsedWrite } from "./rehearsal.ts";

export interface DiffOptions {
  readonly reads: Pick<Cluster, "get" | "list">;
  readonly dryRun: DryRun;
  readonly installation: Installation;
  readonly followsNodes: boolean;
}

export interface ServiceDiff {
  readonly key: string;
  /** Of the SseService itself and of its children; some change nothing. */
  readonly writes: readonly RehearsedWrite[];
  readonly status: object | undefined;
}

/** Every SseService of the namespace, or of the cluster. Rejects with ClusterError. */
export async function diffCluster(
  options: DiffOptions,
  namespace: string | undefined,
): Promise<ServiceDiff[]> {
  const watches = await snapshot(options, namespace);
  const diffs: ServiceDiff[] = [];
  for (const key of [...watches.keys()].sort()) diffs.push(await rehearse(options, watches, key));
  return diffs;
}

/** The SseServices of the documents, as if these were applied now. Rejects with ClusterError. */
export async function diffDocuments(
  options: DiffOptions,
  documents: readonly ServiceDocument[],
): Promise<ServiceDiff[]> {
  const snapshots = new Map<string, Watches>();
  const diffs: ServiceDiff[] = [];
  for (const { resource } of documents) {
    const { namespace } = resource.metadata;
    const watches = snapshots.get(namespace) ?? (await snapshot(options, namespace));
    snapshots.set(namespace, watches);
    const before = await options.reads.get(refOfFile(resource));
    const after = await options.dryRun.put(asApplied(resource, before), before !== undefined);
    const write = { ref: refOfFile(resource), desired: resource, before, after };
    const diff = await rehearse(options, { ...watches, service: () => after }, keyOf(after.metadata));
    diffs.push({ ...diff, writes: [write, ...diff.writes] });
  }
  return diffs;
}

/** What there is now, as the operator would see it at its start. */
async function snapshot(options: DiffOptions, namespace: string | undefined): Promise<Watches> {
  const { cluster, synced } = createRehearsal(options.reads, options.dryRun);
  const watches = createWatches({
    cluster,
    namespace,
    followsNodes: options.followsNodes,
    onChildDeleted: () => undefined,
    enqueue: () => undefined,
    onInterrupted: () => undefined,
    onListenerError: (error) => {
      throw error;
    },
  });
  watches.start();
  await synced();
  return watches;
}

async function rehearse(
  { reads, dryRun, installation }: DiffOptions,
  watches: Watches,
  key: string,
): Promise<ServiceDiff> {
  const { cluster, writes, status } = createRehearsal(reads, dryRun);
  const reconcile = createReconciler({
    cluster,
    watches,
    // Empty and without stamps: every child is asked about.
    memories: createMemories({ cluster, seen: (ref) => watches.child(ref) }),
    installation,
    stats: () => undefined,
    verifier: { expect: () => undefined, verdict: () => undefined },
    now: () => new Date(),
  });
  const { signal } = new AbortController();
  const result = await reconcile(key, { signal, reconcileId: "diff", isThrottled: false });
  if (result.kind === "failed" || result.kind === "terminal") throw result.error;
  return { key, writes, status: status() };
}

function refOfFile({ metadata: { name, namespace } }: ResourceInFile): ObjectRef {
  return { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, name, namespace };
}

/** A file is the whole spec, but for what others set by the scale subresource; labels and annotations are added. */
function asApplied(resource: ResourceInFile, live: KubernetesObject | undefined): KubernetesObject {
  if (live === undefined) return { ...resource, spec: resource.spec ?? {} };
  const { labels, annotations } = live.metadata;
  return {
    ...live,
    metadata: {
      ...live.metadata,
      labels: { ...labels, ...resource.metadata.labels },
      annotations: { ...annotations, ...resource.metadata.annotations },
    },
    spec: { ...scaledBy(live), ...resource.spec },
  };
}

/** The replicas that `kubectl scale` or an autoscaler has set. */
function scaledBy({ metadata, spec }: KubernetesObject): object {
  const isScaled = metadata.managedFields?.some(({ subresource }) => subresource === "scale");
  return isScaled && typeof spec === "object" && spec !== null && "replicas" in spec
    ? { replicas: spec.replicas }
    : {};
}
