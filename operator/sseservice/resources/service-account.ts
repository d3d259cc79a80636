/** The pods' identity: one that may do nothing and carries no token. Pure. */
import type { V1ServiceAccount } from "@kubernetes/client-node";
import { serviceAccountName } from "../names.ts";
import type { SseService } from "../spec.ts";
import { type Child, childMetadata } from "./metadata.ts";

export function buildServiceAccount(service: SseService): Child<V1ServiceAccount> {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: childMetadata(service, serviceAccountName(service.name)),
    automountServiceAccountToken: false,
  };
}
