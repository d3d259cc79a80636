/** A child that could not be made as wanted -> a reason and a sentence with the next step, for the status. Pure. */
import type { ClusterError } from "#operator/engine/cluster.ts";
import type { Outcome } from "#operator/engine/execute.ts";
import type { ObjectRef, OwnerReference } from "#operator/engine/object.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import type { Failure } from "#operator/sseservice/conditions/observation.ts";

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
