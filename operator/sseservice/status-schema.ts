/** The `status` of an SseService as a zod schema: the source of its types and of the CRD's status part. Pure. */
import { z } from "zod";
import { BACKPLANE_KINDS } from "./backplane.ts";

/** Every condition type, in the order in which they are written. */
export const CONDITION_TYPES = [
  "Ready",
  "Reconciling",
  "Stalled",
  "Available",
  "ReferencesReady",
  "CertificateReady",
  "BackplaneReady",
  "Http2Verified",
  "Paused",
] as const;

const Condition = z.strictObject({
  type: z.string().min(1).max(316),
  status: z.enum(["True", "False", "Unknown"]),
  observedGeneration: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  lastTransitionTime: z.string().max(32).meta({ format: "date-time" }),
  reason: z
    .string()
    .min(1)
    .max(1_024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32_768),
});

const count = (description: string) => z.int().min(0).max(2_147_483_647).optional().meta({ description });

const fingerprint = (description: string) => z.string().max(95).meta({ description });

export const SseServiceStatusSchema = z
  .strictObject({
    observedGeneration: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .meta({ description: "The generation of the resource that this status speaks of." }),
    replicas: count("Pods that exist."),
    readyReplicas: count("Pods that are ready."),
    ready: z.string().max(32).optional().meta({ description: "Ready and wanted pods, such as `2/2`." }),
    selector: z
      .string()
      .max(512)
      .optional()
      .meta({ description: "The pods' label selector, for the scale subresource." }),
    url: z
      .string()
      .max(2_048)
      .optional()
      .meta({ description: "Where to open the service, such as `https://192.0.2.1:30007`." }),
    backplane: z
      .enum(BACKPLANE_KINDS)
      .optional()
      .meta({ description: "What the pods share their events over: Memory, Managed or Redis." }),
    connections: count("Open streams, rounded to two significant digits."),
    certificate: z
      .strictObject({
        notAfter: z.string().max(32).meta({ format: "date-time", description: "When it expires." }),
        renewalTime: z
          .string()
          .max(32)
          .optional()
          .meta({ format: "date-time", description: "When it is renewed, as far as that is known." }),
        fingerprint: fingerprint("SHA-256 of the certificate, as browsers show it.").optional(),
        caFingerprint: fingerprint(
          "SHA-256 of the CA certificate to trust; absent for a well-known CA.",
        ).optional(),
        renewalFailure: z
          .strictObject({
            since: z.string().max(32).meta({ format: "date-time", description: "When it failed first." }),
            message: z.string().max(1_024).meta({ description: "Why, and where to look." }),
          })
          .optional()
          .meta({ description: "Present while cert-manager fails to renew it." }),
      })
      .optional()
      .meta({ description: "The certificate that the pods serve." }),
    conditions: z
      .array(Condition)
      .max(16)
      .optional()
      .meta({
        description: "What is true of the service; all types are present from the first visit.",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
      }),
  })
  .meta({ description: "What was last seen of the service; written by the operator." });

export type SseServiceStatus = z.output<typeof SseServiceStatusSchema>;
export type Condition = z.output<typeof Condition>;
export type ConditionType = (typeof CONDITION_TYPES)[number];
