/**
 * The content of the Secrets that the operator itself made, each version read only once: the watches show their metadata,
 * and that tells whether what was read or written last is still so.
 */
import type { Cluster, KubernetesObject, ObjectRef, ReadOptions } from "#operator/engine/cluster.ts";
import { formatRef, refOf, withoutManagedFields } from "#operator/engine/object.ts";
import { isNews } from "#operator/engine/resource-version.ts";

export interface OwnSecrets {
  /** Undefined when there is none of this name. */
  get(ref: ObjectRef, options?: ReadOptions): Promise<KubernetesObject | undefined>;
  /** To be called with what was applied. */
  remember(objects: readonly KubernetesObject[]): void;
  /** To be called when a Secret is seen deleted, and when its service is gone. */
  forget(ref: ObjectRef): void;
}

export interface OwnSecretsOptions {
  readonly cluster: Pick<Cluster, "get">;
  /** The object as the watches last showed it, if they do. */
  readonly seen: (ref: ObjectRef) => KubernetesObject | undefined;
}

/** Only for Secrets of the operator's own, of whose deletion it is told. */
export function createOwnSecrets({ cluster, seen }: OwnSecretsOptions): OwnSecrets {
  /** Undefined for a name that was free. */
  const known = new Map<string, KubernetesObject | undefined>();

  return {
    get: async (ref, options) => {
      const name = formatRef(ref);
      if (known.has(name) && isCurrent(known.get(name), seen(ref))) return known.get(name);
      const secret = await cluster.get(ref, options);
      known.set(name, secret && withoutManagedFields(secret));
      return known.get(name);
    },
    remember: (objects) => {
      const secrets = objects.filter(({ kind }) => kind === "Secret");
      for (const secret of secrets) known.set(formatRef(refOf(secret)), withoutManagedFields(secret));
    },
    forget: (ref) => {
      known.delete(formatRef(ref));
    },
  };
}

/** A watch may lag behind our own last write, and show nothing yet or what was before. */
function isCurrent(known: KubernetesObject | undefined, seen: KubernetesObject | undefined): boolean {
  if (seen === undefined) return true;
  if (known?.metadata.uid !== seen.metadata.uid) return false;
  return !isNews(seen.metadata.resourceVersion, known?.metadata.resourceVersion);
}
