/**
 * The runtime's configuration: the one contract between the operator, which writes it into the ConfigMap
 * as `runtime.json`, and the runtime, which reads it at start. Knows nothing of Kubernetes.
 */
import { z } from "zod";

/** Where the public HTTP server listens: a unix socket (behind the sidecar) or a TCP address (alone). */
const Listen = z.union([
  z.strictObject({ socketPath: z.string().min(1).max(100) }),
  z.strictObject({ host: z.string().min(1), port: z.int().min(0).max(65535) }),
]);

const History = z.strictObject({
  /** Events kept for resuming clients, over all topics. */
  maxEvents: z.int().min(0).max(1_000_000).default(10_000),
  maxAgeSeconds: z.int().min(1).max(604_800).default(3_600),
  /** Payload bytes kept, over all topics. */
  maxBytes: z.int().min(0).max(1_073_741_824).default(67_108_864),
});

const Stream = z.strictObject({
  heartbeatSeconds: z.int().min(1).max(300).default(15),
  /** The reconnection time told to clients; each gets a jittered value of 80-120 %. */
  retryMilliseconds: z.int().min(100).max(60_000).default(2_000),
  /** A stream is ended after 80-100 % of this; the client resumes by its cursor. */
  maxLifetimeSeconds: z.int().min(10).max(604_800).default(3_600),
});

const Limits = z.strictObject({
  /** Open streams per pod. */
  maxConnections: z.int().min(1).max(1_000_000).default(10_000),
  maxTopicsPerStream: z.int().min(1).max(100).default(10),
  /** Size of one event's data. */
  maxEventBytes: z.int().min(1).max(1_048_576).default(65_536),
  /** Events in one NDJSON batch. */
  maxBatchEvents: z.int().min(1).max(10_000).default(1_000),
  /** Size of an NDJSON batch's body. */
  maxBatchBytes: z.int().min(1).max(16_777_216).default(1_048_576),
  /** Bytes that may wait for a slow subscriber before its stream is ended. */
  maxBufferedBytesPerSubscriber: z.int().min(1_024).max(67_108_864).default(262_144),
});

/** Never `none`. HMAC, which whoever verifies could also sign with, works with a secret file only. */
export const JwtAlgorithm = z.enum([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "HS256",
  "HS384",
  "HS512",
]);
export type JwtAlgorithm = z.output<typeof JwtAlgorithm>;

/** An origin as a browser writes it, or `*`. */
export const ORIGIN = /^(\*|https?:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?)$/;

const Jwt = z
  .strictObject({
    /** The issuer's JWKS. */
    jwksUrl: z.url({ protocol: /^https?$/ }).exactOptional(),
    /** Certificate authority of that URL's server, in PEM; the well-known ones are trusted without. */
    jwksCaFile: z.string().min(1).exactOptional(),
    /** Every file in the directory holds a JWKS, a public key in PEM or an HMAC secret; read anew when it changes. */
    keyDirectory: z.string().min(1).exactOptional(),
    issuer: z.string().min(1),
    audience: z.string().min(1),
    algorithms: z.array(JwtAlgorithm).min(1).default(["RS256", "ES256", "EdDSA"]),
    /** How far clocks may be apart. */
    clockToleranceSeconds: z.int().min(0).max(300).default(5),
    /** Names the cookie that may hold the token; without it cookies are not looked at. */
    cookie: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/)
      .exactOptional(),
  })
  .refine(({ jwksUrl, keyDirectory }) => (jwksUrl === undefined) !== (keyDirectory === undefined), {
    message: "exactly one of jwksUrl and keyDirectory must be given",
    path: ["jwksUrl"],
  })
  .refine(({ jwksUrl, jwksCaFile }) => !jwksCaFile || jwksUrl, {
    message: "it is of jwksUrl only",
    path: ["jwksCaFile"],
  })
  .refine(({ jwksUrl, algorithms }) => !jwksUrl || !algorithms.some((name) => name.startsWith("HS")), {
    message: "HMAC needs a secret, which a URL cannot hold",
    path: ["algorithms"],
  });

const Access = z
  .strictObject({
    publish: z
      .discriminatedUnion("mode", [
        z.strictObject({ mode: z.literal("Anyone") }),
        /** Every file in the directory holds one accepted token; read anew when the directory changes. */
        z.strictObject({ mode: z.literal("Token"), tokenDirectory: z.string().min(1) }),
        z.strictObject({ mode: z.literal("Jwt") }),
      ])
      .default({ mode: "Anyone" }),
    subscribe: z.strictObject({ mode: z.enum(["Anyone", "Jwt"]) }).default({ mode: "Anyone" }),
    /** Whose tokens are taken, in both directions. */
    jwt: Jwt.exactOptional(),
    /** Origins whose pages may use the service, as a browser writes them; or `*` alone, without credentials. */
    corsOrigins: z
      .array(z.string().regex(ORIGIN))
      .default([])
      .refine((origins) => !origins.includes("*") || origins.length === 1, "* must stand alone"),
  })
  .refine(({ publish, subscribe, jwt }) => jwt || (publish.mode !== "Jwt" && subscribe.mode !== "Jwt"), {
    message: "the mode Jwt needs to know whose tokens to take",
    path: ["jwt"],
  });

const Drain = z.strictObject({
  /** After SIGTERM the open streams are ended one by one, spread over this long. */
  timeoutSeconds: z.int().min(0).max(3_600).default(60),
  /** The sidecar's TCP port: streams are ended only after it has closed. Absent without a sidecar. */
  proxyPort: z.int().min(1).max(65_535).optional(),
});

const Redis = z
  .strictObject({
    type: z.literal("Redis"),
    /** Streams keep a history and resume without loss; Pub/Sub delivers at most once. */
    mode: z.enum(["Streams", "PubSub"]).default("Streams"),
    /** A file that holds the server's URL; read anew for each connection, so that a password can change. */
    urlFile: z.string().min(1).exactOptional(),
    /** The URL itself, of a server without a password. */
    url: z
      .string()
      .regex(/^[^@]*$/, "a password belongs into the file that urlFile names")
      .exactOptional(),
    /** Certificate authority of the server, in PEM; the well-known ones are trusted without. */
    caFile: z.string().min(1).exactOptional(),
    /** Begins every key's name. */
    prefix: z.string().max(64).default("sse:"),
    /** Tells services on one server apart; part of every key's name. */
    service: z
      .string()
      .regex(/^[^{}]{1,128}$/)
      .default("default"),
    /** Replicas that must have an event before it counts as stored; of Streams only. */
    minReplicas: z.int().min(0).max(10).default(0),
  })
  .refine(({ url, urlFile }) => (url === undefined) !== (urlFile === undefined), {
    message: "exactly one of url and urlFile must be given",
    path: ["urlFile"],
  });

/** Shape of `runtime.json`. Every field has a default, so `{}` is a complete configuration. */
export const RuntimeConfigSchema = z.strictObject({
  listen: Listen.default({ host: "127.0.0.1", port: 8080 }),
  management: z
    .strictObject({ host: z.string().min(1), port: z.int().min(0).max(65_535) })
    .default({ host: "127.0.0.1", port: 9090 }),
  backplane: z
    .discriminatedUnion("type", [z.strictObject({ type: z.literal("Memory") }), Redis])
    .default({ type: "Memory" }),
  history: History.prefault({}),
  stream: Stream.prefault({}),
  limits: Limits.prefault({}),
  access: Access.prefault({}),
  drain: Drain.prefault({}),
  page: z.enum(["Enabled", "Disabled"]).default("Enabled"),
  /** What the sidecar serves, PEM; read anew when it changes, to tell a client whose certificate it has accepted. */
  certificateFile: z.string().min(1).exactOptional(),
});

/** The parsed configuration, every default filled in. */
export type RuntimeConfig = z.output<typeof RuntimeConfigSchema>;

/** What the operator writes: only what differs from the defaults need be there. */
export type RuntimeConfigInput = z.input<typeof RuntimeConfigSchema>;
