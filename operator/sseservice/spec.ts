/**
 * The SseService resource as a zod schema: the one source of its types, its defaults, the CRD's structural
 * schema and the reference table in the docs. Pure: knows no client, clock or environment.
 *
 * `.meta()` carries what zod has no word for: descriptions (shown by `kubectl explain`, units and examples
 * included), CEL rules (`x-kubernetes-validations`) and list types; crd.ts copies them as they are.
 */
import { z } from "zod";
import { AccessSchema } from "./access.ts";
import { type Backplane, BackplaneSchema } from "./backplane.ts";
import { Pod } from "./pod-schema.ts";
import { bytesFromQuantity } from "./quantity.ts";
import { integer, Quantity, rule } from "./schema-parts.ts";
import { Service } from "./service-schema.ts";
import { type CertificateSource, TlsSchema } from "./tls.ts";

export const GROUP = "sse-operator.dev";
export const VERSION = "v1alpha1";
export const KIND = "SseService";
export const PLURAL = "sseservices";

const History = z.strictObject({
  maxEvents: integer(0, 1_000_000, "Events kept for clients that resume, over all topics.").default(10_000),
  maxAgeSeconds: integer(1, 604_800, "Seconds that an event is kept.").default(3_600),
  maxBytes: Quantity.default("64Mi").meta({
    description: "Payload bytes kept, over all topics, such as `64Mi`; at most 1Gi.",
    "x-kubernetes-validations": [
      rule(
        "type(self) == int ? self <= 1073741824 : quantity(self).compareTo(quantity('1Gi')) <= 0",
        "must be at most 1Gi",
      ),
    ],
  }),
});

const Stream = z.strictObject({
  heartbeatSeconds: integer(
    1,
    55,
    "Seconds between heartbeats on a quiet stream; must stay under the 60 s after which proxies cut idle streams.",
  ).default(15),
  retryMilliseconds: integer(
    100,
    60_000,
    "Milliseconds a client waits before it reconnects; each is told a value of 80-120 % of it.",
  ).default(2_000),
  maxLifetimeSeconds: integer(
    60,
    604_800,
    "Seconds after which a stream is ended (each at 80-100 % of it); the client resumes without loss.",
  ).default(3_600),
});

const Limits = z
  .strictObject({
    maxConnections: integer(1, 100_000, "Open streams per pod.").default(10_000),
    maxTopicsPerStream: integer(1, 100, "Topics that one stream may subscribe to.").default(10),
    maxEventBytes: integer(1, 1_048_576, "Bytes of one event's data.").default(65_536),
    maxBatchEvents: integer(1, 10_000, "Events in one NDJSON batch.").default(1_000),
    maxBatchBytes: integer(1, 16_777_216, "Bytes of one NDJSON batch.").default(1_048_576),
    maxBufferedBytesPerSubscriber: integer(
      1_024,
      67_108_864,
      "Bytes that may wait for a slow client before its stream is ended; it resumes by its cursor.",
    ).default(262_144),
  })
  .meta({
    "x-kubernetes-validations": [
      rule(
        "self.maxBufferedBytesPerSubscriber >= self.maxEventBytes",
        "an event larger than the buffer could never be delivered: set maxBufferedBytesPerSubscriber to at least maxEventBytes",
        ".maxBufferedBytesPerSubscriber",
      ),
    ],
  });

const Drain = z.strictObject({
  timeoutSeconds: integer(
    0,
    3_600,
    "Seconds over which a leaving pod spreads the closing of its streams.",
  ).default(60),
});

const Images = z.strictObject({
  runtime: z.string().min(1).max(512).optional().meta({
    description:
      "The broker's image, such as `registry.example.com/runtime:0.1.0`; the operator's own release when left out.",
  }),
  nginx: z.string().min(1).max(512).optional().meta({
    description:
      "The sidecar's image, any official nginx >= 1.26, such as `nginx:1.28`; the operator's default when left out.",
  }),
  valkey: z.string().min(1).max(512).optional().meta({
    description:
      "The managed backplane's image, Valkey 8 or later, such as `valkey/valkey:8.1`; the operator's default when left out.",
  }),
});

/** The `spec` of an SseService. `{}` is valid: every field has a default. */
export const SseServiceSpecSchema = z
  .strictObject({
    replicas: integer(0, 100, "Pods that serve the streams; also set by `kubectl scale`.").default(1),
    service: Service.prefault({}),
    tls: TlsSchema.prefault({}),
    backplane: BackplaneSchema.prefault({}),
    history: History.prefault({}).meta({ description: "What is kept for clients that resume." }),
    stream: Stream.prefault({}).meta({ description: "How each event stream behaves." }),
    limits: Limits.prefault({}).meta({ description: "Bounds that protect the service." }),
    access: AccessSchema.prefault({}).meta({ description: "Who may do what; closed unless opened." }),
    drain: Drain.prefault({}).meta({ description: "How a pod leaves." }),
    page: z
      .enum(["Enabled", "Disabled"])
      .default("Enabled")
      .meta({ description: "The client page served at `/`." }),
    images: Images.prefault({}).meta({ description: "Other images than the operator's defaults." }),
    paused: z.boolean().default(false).meta({
      description:
        "Whether to leave everything as it is: nothing is applied, deleted or renewed, and the status goes on telling the truth.",
    }),
    pod: Pod.prefault({}).meta({ description: "Where and with what resources the pods run." }),
  })
  .meta({
    description: "What is wanted. Every field has a default.",
    "x-kubernetes-validations": [
      rule(
        "self.replicas <= 1 || !has(self.backplane.memory)",
        "more than one replica needs a backplane that all pods share, and memory is one pod's own: set replicas to 1, or replace memory by managed",
        ".replicas",
      ),
    ],
  });

/** A parsed spec: every default filled in, quantities in bytes where the operator computes with them. */
export type SseServiceSpec = z.output<typeof SseServiceSpecSchema>;

/** One SseService that passed parsing: nothing downstream of it can fail on its content. */
export interface SseService {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation: number;
  readonly spec: SseServiceSpec;
  /** The one that the spec asks for, or its default. */
  readonly backplane: Backplane;
  readonly certificate: CertificateSource;
  /** The value of the annotation that asks for a new certificate now. */
  readonly renewalRequest: string | undefined;
}

/** Bytes of history that the spec asks for. */
export function historyMaxBytes(spec: SseServiceSpec): number {
  return bytesFromQuantity(spec.history.maxBytes);
}
