/** The one table of what the operator may do; the Roles of every way to install it come from here. Pure. */
import { GROUP, PLURAL } from "#operator/sseservice/spec.ts";

export interface Permission {
  readonly apiGroup: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Lists are for API servers that do not stream what exists first. */
const WATCHED = ["list", "watch"];
/** Looked at before it is made, and written by server-side apply (`create` where an apply may create). */
const KEPT = ["get", ...WATCHED, "create", "patch"];
/** Also taken away again when the resource asks for it no more. */
const OWNED = [...KEPT, "delete"];

/** In every namespace whose SseServices the operator serves. */
export const SERVICE_PERMISSIONS: readonly Permission[] = [
  { apiGroup: GROUP, resources: [PLURAL], verbs: WATCHED },
  { apiGroup: GROUP, resources: [`${PLURAL}/status`], verbs: ["patch"] },
  // Owner references that block the owner's deletion need it.
  { apiGroup: GROUP, resources: [`${PLURAL}/finalizers`], verbs: ["update"] },
  { apiGroup: "", resources: ["configmaps", "serviceaccounts"], verbs: KEPT },
  { apiGroup: "", resources: ["secrets", "services"], verbs: OWNED },
  { apiGroup: "apps", resources: ["deployments"], verbs: KEPT },
  { apiGroup: "apps", resources: ["statefulsets"], verbs: OWNED },
  { apiGroup: "networking.k8s.io", resources: ["networkpolicies"], verbs: OWNED },
  { apiGroup: "policy", resources: ["poddisruptionbudgets"], verbs: OWNED },
  // Of cert-manager, where a service names an issuer.
  { apiGroup: "cert-manager.io", resources: ["certificates"], verbs: OWNED },
  { apiGroup: "cert-manager.io", resources: ["certificates/status"], verbs: ["patch"] },
  { apiGroup: "", resources: ["pods"], verbs: WATCHED },
  { apiGroup: "events.k8s.io", resources: ["events"], verbs: ["create", "patch"] },
];

/** Of the cluster: the addresses that go into URLs and certificates. */
export const CLUSTER_PERMISSIONS: readonly Permission[] = [
  { apiGroup: "", resources: ["nodes"], verbs: WATCHED },
];

/** In the operator's own namespace: leader election. */
export const OWN_PERMISSIONS: readonly Permission[] = [
  { apiGroup: "coordination.k8s.io", resources: ["leases"], verbs: ["get", "create", "update"] },
];
