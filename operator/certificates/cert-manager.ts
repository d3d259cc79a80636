/** What cert-manager says of the Certificate that it was asked for, and how it is asked for another one. Pure. */
import { z } from "zod";
import type { DesiredStatus, KubernetesObject } from "#operator/engine/cluster.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import { certificateName } from "#operator/sseservice/names.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import { formatTime } from "#operator/sseservice/status.ts";

export interface Issuance {
  /** Why the Secret does not hold yet what was asked for, and the next step; undefined when it does. */
  readonly pending: string | undefined;
  /** When cert-manager renews it, as it writes times. */
  readonly renewalTime: string | undefined;
}

const Certificate = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    generation: z.number().optional(),
  }),
  status: z
    .object({
      renewalTime: z.string().max(32).optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            observedGeneration: z.number().optional(),
            reason: z.string().default(""),
            message: z.string().default(""),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

export function describeIssuance(object: KubernetesObject | undefined): Issuance {
  const { data } = Certificate.safeParse(object);
  if (!data)
    return { pending: "The Certificate for cert-manager was only just made", renewalTime: undefined };
  const { name, namespace, generation = 0 } = data.metadata;
  const { conditions, renewalTime } = data.status;
  const ready = conditions.find(({ type }) => type === "Ready");
  if (!ready) {
    const pending = `cert-manager has not looked at Certificate "${name}" yet: see that it runs`;
    return { pending, renewalTime };
  }
  const isCurrent = (ready.observedGeneration ?? generation) >= generation;
  if (ready.status === "True" && isCurrent) return { pending: undefined, renewalTime };
  // Whether there is such an issuer, only the request for it tells; kubectl finds that by its prefix.
  const next = `look at its request with: kubectl -n ${namespace} describe certificaterequest ${name}`;
  return {
    pending: `cert-manager has not issued the certificate (${words(conditions)}); ${next}`,
    renewalTime,
  };
}

/** The Issuing condition tells of a failure what Ready keeps to itself. */
function words(conditions: readonly { type: string; reason: string; message: string }[]): string {
  return conditions
    .toSorted((a, b) => b.type.localeCompare(a.type))
    .map(({ type, reason, message }) => `${type}: ${reason}, ${message}`)
    .join("; ");
}

/** Has a certificate that is still good issued anew, as `cmctl renew` does. */
export function buildReissue({ name, namespace }: SseService, now: Date): DesiredStatus {
  return {
    ...CERTIFICATE_TYPE,
    metadata: { name: certificateName(name), namespace },
    status: {
      conditions: [
        {
          type: "Issuing",
          status: "True",
          reason: "ManuallyTriggered",
          message: `Asked for by the annotation ${RENEW_CERTIFICATE_ANNOTATION} of SseService "${name}"`,
          lastTransitionTime: formatTime(now),
        },
      ],
    },
  };
}
