/** Environment variables -> the operator's configuration; every problem in one error. */
import { z } from "zod";
import type { DefaultImages } from "#operator/sseservice/resources/deployment.ts";

const Environment = z.object({
  SSE_RUNTIME_IMAGE: z.string().min(1),
  SSE_NGINX_IMAGE: z.string().min(1),
  SSE_VALKEY_IMAGE: z.string().min(1),
  /** The namespace whose SseServices are served; all namespaces when empty. */
  WATCH_NAMESPACE: z.string().max(63).default(""),
  /** Nodes are of the cluster: an operator with rights in one namespace only can't read them. */
  FOLLOW_NODES: z.enum(["true", "false"]).default("true"),
  /** Where the operator's own pods and its leader's Lease live. */
  POD_NAMESPACE: z.string().min(1).max(63).default("sse-operator"),
  POD_NAME: z.string().min(1).optional(),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
});

export interface OperatorConfig {
  readonly images: DefaultImages;
  readonly watchNamespace: string | undefined;
  readonly followsNodes: boolean;
  readonly ownNamespace: string;
  readonly identity: string | undefined;
  readonly metricsPort: number;
  readonly logLevel: string;
}

/** Throws an Error that names every variable that is wrong, what was found and what is allowed. */
export function parseOperatorConfig(
  environment: Readonly<Record<string, string | undefined>>,
): OperatorConfig {
  const { success, data, error } = Environment.safeParse(environment);
  if (!success) {
    throw new Error(`Cannot read the operator's environment:\n${z.prettifyError(error)}`);
  }
  return {
    images: {
      runtime: data.SSE_RUNTIME_IMAGE,
      nginx: data.SSE_NGINX_IMAGE,
      valkey: data.SSE_VALKEY_IMAGE,
    },
    watchNamespace: data.WATCH_NAMESPACE || undefined,
    followsNodes: data.FOLLOW_NODES === "true",
    ownNamespace: data.POD_NAMESPACE,
    identity: data.POD_NAME,
    metricsPort: data.METRICS_PORT,
    logLevel: data.LOG_LEVEL,
  };
}
