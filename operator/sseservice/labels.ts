/** Every label and annotation key, in one place. Pure. */
import { GROUP } from "./spec.ts";

export const FIELD_MANAGER = "sse-operator";

/** What the operator watches: the objects that it made. */
export const MANAGED_BY = { "app.kubernetes.io/managed-by": FIELD_MANAGER } as const;

/** Changes when the pods must roll: the hash of their configuration. */
export const CONFIG_HASH_ANNOTATION = `${GROUP}/config-hash`;

/** Picks the pods of one service; never changes, as a Deployment's selector can't. */
export function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": "sseservice", "app.kubernetes.io/instance": name };
}

export function childLabels(name: string): Record<string, string> {
  return { ...selectorLabels(name), ...MANAGED_BY };
}

/** The name of the SseService that an object with `childLabels` belongs to. */
export function ownerNameOf(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return labels?.["app.kubernetes.io/instance"];
}

/** `a=b,c=d`, as label selectors are written. */
export function formatSelector(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
