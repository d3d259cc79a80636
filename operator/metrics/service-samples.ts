/** What the statuses of the services say, as samples: one for each condition, and the times of each certificate. Pure. */
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { type SseServiceStatus, SseServiceStatusSchema } from "#operator/sseservice/status-schema.ts";
import type { Sample } from "./registry.ts";

export interface ServiceSamples {
  readonly conditions: readonly Sample<"sse_operator_condition">[];
  readonly expirations: readonly Sample<"sse_operator_certificate_expiration_timestamp_seconds">[];
  readonly renewals: readonly Sample<"sse_operator_certificate_renewal_timestamp_seconds">[];
}

export function describeServices(services: readonly KubernetesObject[]): ServiceSamples {
  const described = services.flatMap(({ metadata: { name, namespace = "" }, ...object }) => {
    const status = SseServiceStatusSchema.safeParse(object["status"]).data;
    return status ? [{ labels: { namespace, name }, status }] : [];
  });
  return {
    conditions: described.flatMap(({ labels, status: { conditions = [] } }) =>
      conditions.map(({ type, status, reason }) => ({
        labels: { ...labels, type, status, reason },
        value: 1,
      })),
    ),
    expirations: described.flatMap((service) => timeSample(service, "notAfter")),
    renewals: described.flatMap((service) => timeSample(service, "renewalTime")),
  };
}

interface Described {
  readonly labels: { readonly namespace: string; readonly name: string };
  readonly status: SseServiceStatus;
}

function timeSample({ labels, status }: Described, field: "notAfter" | "renewalTime") {
  const time = status.certificate?.[field];
  return time === undefined ? [] : [{ labels, value: Date.parse(time) / 1_000 }];
}
