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

/** On an SseService: any new value renews the certificate now. On the certificate's Secret: the value for which that was done last. */
export const RENEW_CERTIFICATE_ANNOTATION = `${GROUP}/renew-certificate`;

/** On every child: the hash of the rest of it as the operator wants it, so that the next operator knows it again. */
export const STAMP_ANNOTATION = `${GROUP}/applied-hash`;

const SERVING_NAME = "sseservice";
const BACKPLANE_NAME = "sseservice-backplane";

/** Picks the pods of one service; never changes, as a Deployment's selector can't. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": SERVING_NAME, "app.kubernetes.io/instance": name };
}

/** Picks the server of a managed backplane. */
export function backplaneSelectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": BACKPLANE_NAME, "app.kubernetes.io/instance": name };
}

export function childLabels(name: string): Record<string, string> {
  return { ...selectorLabels(name), ...MANAGED_BY };
}

/** Whose pod has these labels, and what for; undefined for every other pod. */
export function servedBy(
  labels: Readonly<Record<string, string>> = {},
): { readonly name: string; readonly role: "Streams" | "Backplane" } | undefined {
  const { "app.kubernetes.io/name": kind, "app.kubernetes.io/instance": name } = labels;
  if (name === undefined) return undefined;
  if (kind === SERVING_NAME) return { name, role: "Streams" };
  return kind === BACKPLANE_NAME ? { name, role: "Backplane" } : undefined;
}

/** `a=b,c=d`, as label selectors are written. */
export function formatSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
