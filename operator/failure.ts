/** A child that could not be made as wanted -> a reason and a sentence with the next step, for the status. Pure. */
import type { ApplyReason } from "#operator/engine/applied-memo.ts";
import type { ClusterError, KubernetesObject } from "#operator/engine/cluster.ts";
import type { Outcome } from "#operator/engine/execute.ts";
import { formatRef, type ObjectRef, type OwnerReference, refOf } from "#operator/engine/object.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import type { Failure } from "#operator/sseservice/conditions/observation.ts";

/** Why a child is applied once more that was as wanted before. */
const UNDONE: ReadonlySet<ApplyReason> = new Set(["ownedFieldsChanged", "recreated", "missing"]);

/** Empty for an outcome that is as it should be. */
export function toFailure(outcome: Outcome): Failure[] {
  switch (outcome.kind) {
    case "applied":
    case "deleted":
      return [];
    case "refused":
      return [{ reason: "NotOwned", message: describeStranger(outcome.ref, outcome.controller) }];
    case "failed":
      return [describeError(outcome.ref, outcome.error)];
  }
}

/**
 * Somebody keeps undoing what the operator does. Each round is a success by itself, so it is told by the pace: `outcomes`
 * are those of a run that had to wait. `before` are the children as they were found.
 */
export function toContention(outcomes: readonly Outcome[], before: readonly KubernetesObject[]): Failure[] {
  const [contended] = outcomes.filter((outcome) => outcome.kind === "applied" && UNDONE.has(outcome.reason));
  if (contended === undefined) return [];
  const found = before.find((object) => formatRef(refOf(object)) === formatRef(contended.ref));
  const message = `${describe(contended.ref)} is changed again and again${describeRival(found)}, and put back at most once a second; stop whoever changes it`;
  return [{ reason: "Contended", message }];
}

/** Whoever wrote the object last, but us. */
function describeRival(object: KubernetesObject | undefined): string {
  const others = (object?.metadata.managedFields ?? []).filter(
    ({ manager, subresource }) => manager !== FIELD_MANAGER && subresource === undefined,
  );
  const [last] = others.toSorted((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1));
  return last?.manager === undefined ? "" : ` by "${last.manager}"`;
}

function describeStranger(ref: ObjectRef, controller: OwnerReference | undefined): string {
  const owner = controller
    ? `belongs to ${controller.kind} "${controller.name}"`
    : "was not made by the operator";
  return `${describe(ref)} exists and ${owner}: delete or rename it, or give the SseService another name`;
}

function describeError(ref: ObjectRef, error: ClusterError): Failure {
  const sentence = `Cannot apply ${describe(ref)}: ${error.message}`;
  if (error.kind === "UnknownKind" && ref.kind === CERTIFICATE_TYPE.kind) {
    return {
      reason: "CertManagerMissing",
      message:
        "spec.tls.issuerRef needs cert-manager, which is not installed in this cluster: install it, or use selfSigned or secretRef",
    };
  }
  if (error.kind === "Forbidden") {
    return { reason: "Forbidden", message: `${sentence}; grant it to the operator or lift the restriction` };
  }
  if (isNodePortTaken(error)) {
    return {
      reason: "NodePortTaken",
      message: `${sentence}; choose another spec.service.nodePort or leave it out, or free the port`,
    };
  }
  if (error.retry !== "backoff") return { reason: "Refused", message: `${sentence}; correct the resource` };
  return { reason: "ApplyFailed", message: `${sentence}; trying again` };
}

/** The API server's words for a port that is in use or out of its range. */
function isNodePortTaken({ kind, causes }: ClusterError): boolean {
  return kind === "Invalid" && causes.some(({ field }) => field.endsWith(".nodePort"));
}

function describe({ kind, name }: ObjectRef): string {
  return `${kind} "${name}"`;
}
