/**
 * What we wrote and the watches have not shown yet, so that no run decides on less than the run before it knew: a status
 * built on a child as it was before our last apply would call a rollout done that has not begun.
 */
import { formatRef, refOf } from "./object.ts";
import type { KubernetesObject, ObjectRef } from "./object.ts";
import { isControlledBy } from "./ownership.ts";
import { isOlderVersion } from "./resource-version.ts";

export type OwnWrites = {
  /** To be called with the answer to each write. */
  remember(written: KubernetesObject): void;
  /** To be called when an object is seen deleted. */
  forget(ref: ObjectRef): void;
  /** The object as we last wrote it, while that is newer than what was seen. */
  newest(seen: KubernetesObject): KubernetesObject;
  /** The same of an owner's children, with those that we made and no watch has shown. */
  newestChildren(seen: readonly KubernetesObject[], owner: { uid: string }): KubernetesObject[];
};

export type OwnWritesOptions = {
  /** Monotonic milliseconds. */
  now: () => number;
  /** What was not seen for so long is gone: it was deleted while its watch was away. */
  unseenGraceMs?: number;
};

export function createOwnWrites({ now, unseenGraceMs = 10_000 }: OwnWritesOptions): OwnWrites {
  const entries = new Map<string, { written: KubernetesObject; atMs: number }>();

  function newest(seen: KubernetesObject): KubernetesObject {
    const key = formatRef(refOf(seen));
    const written = entries.get(key)?.written;
    if (!written) return seen;
    if (isOlderVersion(seen.metadata.resourceVersion, written.metadata.resourceVersion)) return written;
    entries.delete(key);
    return seen;
  }

  function unseen(owner: { uid: string }, known: ReadonlySet<string>): KubernetesObject[] {
    const found: KubernetesObject[] = [];
    for (const [key, { written, atMs }] of entries) {
      if (now() - atMs >= unseenGraceMs) entries.delete(key);
      else if (!known.has(key) && isControlledBy(written, owner)) found.push(written);
    }
    return found;
  }

  return {
    remember(written) {
      entries.set(formatRef(refOf(written)), { written, atMs: now() });
    },
    forget(ref) {
      entries.delete(formatRef(ref));
    },
    newest,
    newestChildren(seen, owner) {
      const known = new Set(seen.map((object) => formatRef(refOf(object))));
      return [...seen.map(newest), ...unseen(owner, known)];
    },
  };
}
