/** What a Secret read from the API server holds, as text. */
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { asKind } from "#operator/kinds.ts";

export type SecretData = Readonly<Record<string, string | undefined>>;

export function decodeSecret(object: KubernetesObject | undefined): SecretData {
  const entries = Object.entries(asKind("Secret", object)?.data ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
  );
}
