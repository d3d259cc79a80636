/**
 * Remembers what our last apply of each child left behind, so that an apply that would change nothing is not sent.
 * Never compares values: defaults, webhooks and other spellings of a quantity would make that differ for ever. It compares
 * who owns which fields: whoever changes an owned field takes it out of our entry in `managedFields`. What an earlier
 * process applied is known by its stamp, an annotation that differs when anything else in the desired object does.
 */
import { createHash } from "node:crypto";
import { formatRef, refOf } from "./object.ts";
import type { DesiredObject, KubernetesObject, ManagedFieldsEntry, ObjectRef } from "./object.ts";
import { ownsExactly } from "./owned-fields.ts";
import { isNews } from "./resource-version.ts";

/** Why an apply is needed; for logs, metrics and events. */
export type ApplyReason = "missing" | "unknown" | "desiredChanged" | "recreated" | "ownedFieldsChanged";

export type AppliedMemo = {
  /** `current`: applying now would change nothing, as far as can be told. */
  judge(desired: DesiredObject, observed: KubernetesObject | undefined): "current" | ApplyReason;
  /** To be called with the answer to each successful apply. */
  remember(desired: DesiredObject, applied: KubernetesObject): void;
  /** To be called when a child is seen deleted, and when its owner is gone. */
  forget(ref: ObjectRef): void;
  readonly size: number;
};

export type AppliedMemoOptions = {
  /** Name under which the applies are made. */
  fieldManager: string;
  /** The annotation that holds the stamp of a desired object; an object without it is applied once by each process. */
  stampAnnotation?: string;
  /** Monotonic milliseconds. */
  now: () => number;
  /** How long a child that was applied may stay unseen before it counts as missing: the watch has to catch up first. */
  unseenGraceMs?: number;
};

type Entry = { uid: string; version: string; desired: string; owned: string; appliedAtMs: number };

export function createAppliedMemo({
  fieldManager,
  stampAnnotation,
  now,
  unseenGraceMs = 10_000,
}: AppliedMemoOptions): AppliedMemo {
  const entries = new Map<string, Entry>();

  function judge(desired: DesiredObject, observed: KubernetesObject | undefined): "current" | ApplyReason {
    const entry = entries.get(formatRef(refOf(desired)));
    if (entry === undefined) return observed === undefined ? "missing" : judgeUnknown(desired, observed);
    if (observed === undefined) return judgeUnseen(entry, desired);
    if (entry.uid !== observed.metadata.uid) return "recreated";
    if (entry.desired !== identify(desired)) return "desiredChanged";
    if (!isNews(observed.metadata.resourceVersion, entry.version)) return "current";
    return entry.owned === hashOwnedFields(observed, fieldManager) ? "current" : "ownedFieldsChanged";
  }

  /** What another process has applied. */
  function judgeUnknown(desired: DesiredObject, observed: KubernetesObject): "current" | ApplyReason {
    const [wanted, found] = [annotationOf(desired, stampAnnotation), annotationOf(observed, stampAnnotation)];
    if (wanted === undefined || found === undefined) return "unknown";
    if (wanted !== found) return "desiredChanged";
    const [entry, another] = ownEntries(observed, fieldManager);
    const isWhole = another === undefined && ownsExactly(entry?.fieldsV1, desired);
    return isWhole ? "current" : "ownedFieldsChanged";
  }

  function judgeUnseen(entry: Entry, desired: DesiredObject): "current" | ApplyReason {
    if (now() - entry.appliedAtMs >= unseenGraceMs) return "missing";
    return entry.desired === identify(desired) ? "current" : "desiredChanged";
  }

  /** The stamp tells the whole object; it is a hash that need not be made again. */
  function identify(desired: DesiredObject): string {
    return annotationOf(desired, stampAnnotation) ?? hash(desired);
  }

  return {
    judge,
    remember(desired, applied) {
      entries.set(formatRef(refOf(desired)), {
        uid: applied.metadata.uid ?? "",
        version: applied.metadata.resourceVersion ?? "",
        desired: identify(desired),
        owned: hashOwnedFields(applied, fieldManager),
        appliedAtMs: now(),
      });
    },
    forget(ref) {
      entries.delete(formatRef(ref));
    },
    get size() {
      return entries.size;
    },
  };
}

function annotationOf(
  { metadata }: Pick<DesiredObject, "metadata">,
  name: string | undefined,
): string | undefined {
  return name === undefined ? undefined : metadata.annotations?.[name];
}

function hashOwnedFields(object: KubernetesObject, fieldManager: string): string {
  return hash(ownEntries(object, fieldManager).map((entry) => [entry.operation, entry.fieldsV1]));
}

/** The entries of one manager for the object itself: what it does to subresources is another story. */
function ownEntries({ metadata }: KubernetesObject, fieldManager: string): ManagedFieldsEntry[] {
  const isOurs = ({ manager, subresource }: ManagedFieldsEntry) =>
    manager === fieldManager && subresource === undefined;
  return (metadata.managedFields ?? []).filter(isOurs);
}

/** The fields of what we build and of what the server records have a fixed order. */
function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}
