/** What an installation of the operator may differ in. Pure. */
import type { DefaultImages } from "#operator/sseservice/resources/deployment.ts";

export interface InstallOptions {
  /** Where the operator itself runs. */
  readonly namespace: string;
  readonly images: DefaultImages & { readonly operator: string };
  readonly scope: Scope;
}

/** Whose SseServices the operator serves. */
export type Scope =
  | { readonly kind: "Cluster" }
  /** Of one namespace, without any right elsewhere, except to read the nodes when they are followed. */
  | { readonly kind: "Namespace"; readonly namespace: string; readonly followsNodes: boolean };

/** An operator that lives in the namespace which it serves. */
export function namespacedOptions(
  options: InstallOptions,
  namespace: string,
  followsNodes: boolean,
): InstallOptions {
  return { ...options, namespace, scope: { kind: "Namespace", namespace, followsNodes } };
}
