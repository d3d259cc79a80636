/** Looks for what a service names in its namespace, and says what is missing. */
import type { Cluster, KubernetesObject } from "#operator/engine/cluster.ts";
import { judgeReference, type MissingReference, referencesOf } from "#operator/sseservice/references.ts";
import type { SseService } from "#operator/sseservice/spec.ts";

/** Rejects with ClusterError. */
export async function findMissingReferences(
  cluster: Pick<Cluster, "get">,
  service: SseService,
  signal: AbortSignal,
): Promise<MissingReference[]> {
  const { namespace } = service;
  const found = await Promise.all(
    referencesOf(service).map(async (reference) => {
      const { kind, name } = reference;
      const object = await cluster.get({ apiVersion: "v1", kind, namespace, name }, { signal });
      return judgeReference(reference, object && keysOf(object));
    }),
  );
  return found.filter((missing) => missing !== undefined);
}

/** A ConfigMap's bytes that are no text stand apart. */
function keysOf(object: KubernetesObject): string[] {
  return [object["data"], object["binaryData"]].flatMap((data) => Object.keys(data ?? {}));
}
