/** What one reconcile begins with: the resource and its children, as the watches have shown them. */
import type { V1Deployment, V1Pod, V1Service } from "@kubernetes/client-node";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import type { Owner } from "#operator/engine/ownership.ts";
import { asKind, findKind } from "#operator/kinds.ts";
import type { Memories } from "#operator/memories.ts";
import { deploymentName, serviceName } from "#operator/sseservice/names.ts";
import type { NodeFacts } from "#operator/sseservice/observation.ts";
import { GROUP, KIND, VERSION } from "#operator/sseservice/spec.ts";
import type { Watches } from "#operator/watches.ts";

/** The world around one SseService. */
export interface Surroundings {
  readonly key: string;
  readonly resource: KubernetesObject;
  readonly owner: Owner;
  readonly children: readonly KubernetesObject[];
  readonly pods: readonly V1Pod[];
  readonly backplanePods: readonly V1Pod[];
  readonly deployment: V1Deployment | undefined;
  readonly kubernetesService: V1Service | undefined;
  readonly nodes: readonly NodeFacts[];
}

/** What it takes to look around. */
export interface Surveying {
  readonly memories: Pick<Memories, "writes">;
  readonly watches: Pick<
    Watches,
    "service" | "children" | "nodes" | "pods" | "backplanePods" | "followForeign"
  >;
}

/** Undefined when the SseService is gone or going: the garbage collector takes its children. */
export function readSurroundings(
  { memories: { writes }, watches }: Surveying,
  key: string,
): Surroundings | undefined {
  const seen = watches.service(key);
  const resource = seen && writes.newest(seen);
  const { name = "", uid = "", deletionTimestamp } = resource?.metadata ?? {};
  if (!resource || deletionTimestamp) return undefined;
  const children = writes.newestChildren(watches.children(uid), { uid });
  return {
    key,
    resource,
    owner: { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, name, uid },
    children,
    pods: watches.pods(key).flatMap(toPod),
    backplanePods: watches.backplanePods(key).flatMap(toPod),
    deployment: findKind("Deployment", deploymentName(name), children),
    kubernetesService: findKind("Service", serviceName(name), children),
    nodes: watches.nodes(),
  };
}

function toPod(object: KubernetesObject): V1Pod[] {
  return [asKind("Pod", object)].filter((pod) => pod !== undefined);
}
