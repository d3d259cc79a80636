/** What cert-manager says of the Certificate that it was asked for, and how it is asked for another one. Pure. */
import { z } from "zod";
import type { DesiredStatus, KubernetesObject } from "#operator/engine/cluster.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "#operator/sseservice/labels.ts";
import { certificateName } from "#operator/sseservice/names.ts";
import type { RenewalAttempt } from "#operator/sseservice/renewal-failure.ts";
import { CERTIFICATE_TYPE } from "#operator/sseservice/resources/certificate.ts";
import type { SseService } from "#operator/sseservice/spec.ts";
import { formatTime } from "#operator/sseservice/status.ts";

/** With what is said around them, they fit into the note of an Event. */
const MAX_WORDS = 600;

export interface Issuance {
  /** Why the Secret does not hold yet what was asked for, and the next step; undefined when it does. */
  readonly pending: string | undefined;
  /** When cert-manager renews it, as it writes times. */
  readonly renewalTime: string | undefined;
  /** How it fares with another one, when the Secret holds what was asked for; undefined when it does not try. */
  readonly attempt: RenewalAttempt | undefined;
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
      lastFailureTime: z.string().max(32).optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            observedGeneration: z.number().optional(),
            lastTransitionTime: z.string().max(32).optional(),
            reason: z.string().default(""),
            message: z.string().default(""),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

type Certificate = z.output<typeof Certificate>;
type Condition = Certificate["status"]["conditions"][number];

export function describeIssuance(object: KubernetesObject | undefined): Issuance {
  const { data } = Certificate.safeParse(object);
  if (!data) {
    const pending = "The Certificate for cert-manager was only just made";
    return { pending, renewalTime: undefined, attempt: undefined };
  }
  const pending = describePending(data);
  const attempt = pending === undefined ? describeAttempt(data) : undefined;
  return { pending, renewalTime: data.status.renewalTime, attempt };
}

function describePending({ metadata, status: { conditions } }: Certificate): string | undefined {
  const { name, namespace, generation = 0 } = metadata;
  const ready = findCondition("Ready", conditions);
  if (!ready) return `cert-manager has not looked at Certificate "${name}" yet: see that it runs`;
  const isCurrent = (ready.observedGeneration ?? generation) >= generation;
  if (ready.status === "True" && isCurrent) return undefined;
  // The Issuing condition tells of a failure what Ready keeps to itself.
  const words = conditions.toSorted((a, b) => b.type.localeCompare(a.type)).map(wordsOf);
  // Whether there is such an issuer, only the request for it tells; kubectl finds that by its prefix.
  const next = `look at its request with: kubectl -n ${namespace} describe certificaterequest ${name}`;
  return `cert-manager has not issued the certificate (${words.join("; ")}); ${next}`;
}

/** After a success there is no Issuing condition, or one that is False without the time of a failure. */
function describeAttempt({ metadata, status }: Certificate): RenewalAttempt | undefined {
  const { conditions, lastFailureTime } = status;
  const issuing = findCondition("Issuing", conditions);
  const isUnderWay = issuing?.status === "True";
  if (!issuing || !(isUnderWay || lastFailureTime !== undefined)) return undefined;
  const { name, namespace } = metadata;
  // What it waits for only the request tells; how often it failed, only the Certificate.
  const kind = isUnderWay ? "certificaterequest" : "certificate";
  const next = `look at it with: kubectl -n ${namespace} describe ${kind} ${name}`;
  return {
    state: isUnderWay ? "UnderWay" : "Failed",
    since: isUnderWay ? issuing.lastTransitionTime : lastFailureTime,
    message: `${wordsOf(issuing).slice(0, MAX_WORDS)}; ${next}`,
  };
}

function findCondition(type: string, conditions: readonly Condition[]): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

function wordsOf({ type, reason, message }: Condition): string {
  return `${type}: ${reason}, ${message}`;
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
