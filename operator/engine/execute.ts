/** Carries out a plan, action by action in order; one failure does not stop the rest. */
import type { AppliedMemo, ApplyReason } from "./applied-memo.ts";
import { type Cluster, ClusterError } from "./cluster.ts";
import { refOf } from "./object.ts";
import type { KubernetesObject, ObjectRef, OwnerReference } from "./object.ts";
import { controllerOf, isControlledBy } from "./ownership.ts";
import type { Owner } from "./ownership.ts";
import type { Action } from "./plan.ts";

export type Outcome =
  | { kind: "applied"; ref: ObjectRef; reason: ApplyReason; object: KubernetesObject }
  | { kind: "deleted"; ref: ObjectRef }
  | { kind: "refused"; ref: ObjectRef; controller: OwnerReference | undefined }
  | { kind: "failed"; ref: ObjectRef; during: "apply" | "delete"; error: ClusterError };

export type ExecuteContext = {
  cluster: Pick<Cluster, "get" | "apply" | "delete">;
  owner: Owner;
  memo: AppliedMemo;
  signal?: AbortSignal;
};

/** One outcome for each action, in the same order. Rejects only on what is not a `ClusterError`, that is, a bug. */
export async function executePlan(context: ExecuteContext, actions: readonly Action[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const action of actions) outcomes.push(await executeAction(context, action));
  return outcomes;
}

async function executeAction(context: ExecuteContext, action: Action): Promise<Outcome> {
  if (action.kind === "refuse") return { kind: "refused", ref: action.ref, controller: action.controller };
  const ref = action.kind === "apply" ? refOf(action.object) : action.ref;
  try {
    return await (action.kind === "apply" ? applyChild(context, action) : deleteChild(context, action));
  } catch (error) {
    if (error instanceof ClusterError) return { kind: "failed", ref, during: action.kind, error };
    throw error;
  }
}

async function applyChild(context: ExecuteContext, action: Action & { kind: "apply" }): Promise<Outcome> {
  const { cluster, memo, owner, signal } = context;
  const ref = refOf(action.object);
  const options = signal && { signal };
  let { uid } = action;
  if (uid === undefined) {
    // A stranger's object need not carry our labels, so the watches may not show it: look before taking the name.
    const existing = await cluster.get(ref, { metadataOnly: true, ...options });
    if (existing !== undefined && !isControlledBy(existing, owner)) {
      return { kind: "refused", ref, controller: controllerOf(existing) };
    }
    uid = existing?.metadata.uid;
  }
  const object = await cluster.apply(action.object, { ...options, ...(uid !== undefined && { uid }) });
  memo.remember(action.object, object);
  return { kind: "applied", ref, reason: action.reason, object };
}

async function deleteChild(context: ExecuteContext, action: Action & { kind: "delete" }): Promise<Outcome> {
  const { cluster, memo, signal } = context;
  await cluster.delete(action.ref, { uid: action.uid, ...(signal && { signal }) });
  memo.forget(action.ref);
  return { kind: "deleted", ref: action.ref };
}
