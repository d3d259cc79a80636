/**
 * What we wrote and the watches have not shown yet, so that no run decides on less than the run before it knew: a status
 * built on a child as it was before our last apply would call a rollout done that has not begun.
 */
import { formatRef, refOf } from "./object.ts";
import type { KubernetesObject, ObjectRef } from "./object.ts";
import { byController, ObjectIndex } from "./object-index.ts";
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

type Entry = { written: KubernetesObject; atMs: number };

export function createOwnWrites({ now, unseenGraceMs = 10_000 }: OwnWritesOptions): OwnWrites {
  const entries = new Map<string, Entry>();
  const keysOfOwners = new ObjectIndex(byController);

  function forget(key: string): void {
    keysOfOwners.replace(key, entries.get(key)?.written, undefined);
    entries.delete(key);
  }

  function newest(seen: KubernetesObject): KubernetesObject {
    const key = keyOf(seen);
    const written = entries.get(key)?.written;
    if (!written) return seen;
    if (isOlderVersion(seen.metadata.resourceVersion, written.metadata.resourceVersion)) return written;
    forget(key);
    return seen;
  }

  function unseen(owner: { uid: string }, known: ReadonlySet<string>): KubernetesObject[] {
    const keys = [...keysOfOwners.keysOf(owner.uid)].filter((key) => !known.has(key));
    return keys.flatMap((key) => {
      const entry = entries.get(key);
      if (entry && now() - entry.atMs < unseenGraceMs) return entry.written;
      forget(key);
      return [];
    });
  }

  return {
    remember(written) {
      const key = keyOf(written);
      keysOfOwners.replace(key, entries.get(key)?.written, written);
      entries.set(key, { written, atMs: now() });
    },
    forget: (ref) => forget(formatRef(ref)),
    newest,
    newestChildren(seen, owner) {
      const known = new Set(seen.map(keyOf));
      return [...seen.map(newest), ...unseen(owner, known)];
    },
  };
}

function keyOf(object: KubernetesObject): string {
  return formatRef(refOf(object));
}
