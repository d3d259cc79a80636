/** Every label and annotation key, in one place. Pure. */
import { GROUP } from "./spec.ts";

export const FIELD_MANAGER = "sse-operator";

/** What the operator watches: the objects that it made. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": FIELD_MANAGER } as const;

/** On the operator's own pods. */
export const OPERATOR_LABELS = { "app.kubernetes.io/name": "sse-operator" } as const;

/** On the namespaces whose pods may read the metrics of every service; a user sets it. */
export const MONITORING_NAMESPACE_LABELS = { [`${GROUP}/monitoring`]: "true" } as const;

/** Changes when the pods must roll: the hash of their configuration. */
export const CONFIG_HASH_ANNOTATION = `${GROUP}/config-hash`;

/** On an SseService: any new value renews the certificate now. On the certificate's Secret: the value that it was issued for. */
export const RENEW_CERTIFICATE_ANNOTATION = `${GROUP}/renew-certificate`;

/** On every child: the hash of the rest of it as the operator wants it, so that the next operator knows it again. */
export const STAMP_ANNOTATION = `${GROUP}/applied-hash`;

const SERVING_NAME = "sseservice";

/** Picks the pods of one service; never changes, as a Deployment's selector can't. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": SERVING_NAME, "app.kubernetes.io/instance": name };
}

/** Picks the server of a managed backplane. */
export function backplaneSelectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": "sseservice-backplane", "app.kubernetes.io/instance": name };
}

export function childLabels(name: string): Record<string, string> {
  return { ...selectorLabels(name), ...MANAGED_BY };
}

/** The name of the SseService whose streams a pod with these labels serves; undefined for every other pod. */
export function servedBy(labels: Readonly<Record<string, string>> = {}): string | undefined {
  const name = labels["app.kubernetes.io/instance"];
  const isServing = labels["app.kubernetes.io/name"] === SERVING_NAME;
  return isServing ? name : undefined;
}

/** `a=b,c=d`, as label selectors are written. */
export function formatSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
