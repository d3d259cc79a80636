/** Decides what to do to make an owner's children as desired. Pure: reads a world, writes nothing. */
import type { AppliedMemo } from "./applied-memo.ts";
import type { ApplyReason } from "./applied-memo.ts";
import { formatRef, refOf } from "./object.ts";
import type { DesiredObject, KubernetesObject, ObjectRef, OwnerReference } from "./object.ts";
import { controllerOf, isControlledBy } from "./ownership.ts";
import type { Owner } from "./ownership.ts";

export type Action =
  /** `uid` is the object that was seen under that name; without it, none was, and execution looks before it writes. */
  | { kind: "apply"; object: DesiredObject; reason: ApplyReason; uid?: string }
  | { kind: "delete"; ref: ObjectRef; uid: string }
  /** The name is taken by an object that somebody else controls, or nobody: it is left alone. */
  | { kind: "refuse"; ref: ObjectRef; controller: OwnerReference | undefined };

export type World = {
  owner: Owner;
  /** Every child that should exist, in the order in which to apply. */
  desired: readonly DesiredObject[];
  /** Every object that looks like a child of this owner, as the watches last showed it. */
  observed: readonly KubernetesObject[];
  memo: AppliedMemo;
};

/** Applies in the desired order, then deletes what is ours and no longer desired. Empty when nothing differs. */
export function planChildren(world: World): Action[] {
  const observed = new Map(world.observed.map((object) => [formatRef(refOf(object)), object]));
  const desired = new Set(world.desired.map((object) => formatRef(refOf(object))));
  return [
    ...world.desired.flatMap((object) => planApply(world, object, observed.get(formatRef(refOf(object))))),
    ...world.observed.flatMap((object) =>
      desired.has(formatRef(refOf(object))) ? [] : planDelete(world, object),
    ),
  ];
}

function planApply(world: World, desired: DesiredObject, observed: KubernetesObject | undefined): Action[] {
  if (observed !== undefined && !isControlledBy(observed, world.owner)) {
    return [{ kind: "refuse", ref: refOf(desired), controller: controllerOf(observed) }];
  }
  if (observed !== undefined && isTerminating(observed)) return []; // its name is free only when it is gone, which is an event
  const verdict = world.memo.judge(desired, observed);
  if (verdict === "current") return [];
  const uid = observed?.metadata.uid;
  return [{ kind: "apply", object: desired, reason: verdict, ...(uid !== undefined && { uid }) }];
}

function planDelete(world: World, observed: KubernetesObject): Action[] {
  const { uid } = observed.metadata;
  if (uid === undefined || isTerminating(observed) || !isControlledBy(observed, world.owner)) return [];
  return [{ kind: "delete", ref: refOf(observed), uid }];
}

function isTerminating(object: KubernetesObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}
