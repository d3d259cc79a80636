/** What the pods share their events over: its part of the resource's schema, and the choice as a value of one kind. Pure. */
import { z } from "zod";
import { integer, Quantity, rule } from "./schema-parts.ts";
import { toTrustedCa, type TrustedCa, TrustedCaSchema } from "./trusted-ca.ts";

const Storage = z.strictObject({
  className: z.string().min(1).max(253).exactOptional().meta({
    description: "The StorageClass of the claim, such as `standard`; the cluster's default when left out.",
  }),
  size: Quantity.default("1Gi").meta({ description: "Size of the claim, such as `1Gi`." }),
});

const Managed = z.strictObject({
  storage: Storage.exactOptional().meta({
    description:
      "Keeps the events on a volume claim. Without it they survive a restart of the server's container, but not the loss of its pod.",
  }),
});

const REPLICAS_OF_STREAMS =
  "Pub/Sub keeps no event that a replica could have: remove minReplicas, or set mode to Streams";

const Redis = z
  .strictObject({
    urlSecretRef: z
      .strictObject({
        name: z
          .string()
          .min(1)
          .max(253)
          .meta({ description: "Name of the Secret, in the same namespace, such as `my-redis`." }),
        key: z.string().min(1).max(253).default("url").meta({ description: "Key in the Secret." }),
      })
      .meta({
        description:
          "The Secret with the server's URL: `redis[s]://[user:password@]host[:port]`, or `redis+sentinel://...`.",
      }),
    mode: z.enum(["Streams", "PubSub"]).default("Streams").meta({
      description: "`Streams` keeps a history and resumes without loss; `PubSub` delivers at most once.",
    }),
    ca: TrustedCaSchema.exactOptional().meta({
      description:
        "The certificate authority of a `rediss://` server, in PEM; the well-known ones when left out. A changed one counts from the next connection on.",
    }),
    minReplicas: integer(
      0,
      10,
      "Replicas of the server that must have an event before publishing answers 200; so many that none that lacks it can become the primary.",
    ).default(0),
  })
  .refine(({ mode, minReplicas }) => mode === "Streams" || minReplicas === 0, {
    path: ["minReplicas"],
    error: REPLICAS_OF_STREAMS,
  })
  .meta({
    "x-kubernetes-validations": [
      rule("self.mode == 'Streams' || self.minReplicas == 0", REPLICAS_OF_STREAMS, ".minReplicas"),
    ],
  });

export const BackplaneSchema = z
  .strictObject({
    memory: z.strictObject({}).exactOptional().meta({
      description:
        "Events are kept in the memory of one pod, and a restart forgets them. The default for one replica.",
    }),
    managed: Managed.exactOptional().meta({
      description:
        "The operator runs a Valkey for this service. The default for more than one replica, and kept when they become one.",
    }),
    redis: Redis.exactOptional().meta({ description: "A Redis (7 or later) or Valkey of yours." }),
  })
  .meta({
    description: "What the pods share their events over; one of memory, managed and redis.",
    "x-kubernetes-validations": [
      rule(
        "(has(self.memory) ? 1 : 0) + (has(self.managed) ? 1 : 0) + (has(self.redis) ? 1 : 0) <= 1",
        "only one backplane can be used: keep one of memory, managed and redis",
      ),
    ],
  });

/** A key in a Secret of the service's namespace. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

export const BACKPLANE_KINDS = ["Memory", "Managed", "Redis"] as const;

export type Backplane =
  | { readonly kind: "Memory" }
  | { readonly kind: "Managed"; readonly storage: Storage | undefined }
  | RedisBackplane;

/** A server of the user's. */
export interface RedisBackplane {
  readonly kind: "Redis";
  readonly url: SecretKey;
  readonly mode: "Streams" | "PubSub";
  readonly ca: TrustedCa | undefined;
  /** That must have an event before it counts as stored. */
  readonly minReplicas: number;
}

export interface Storage {
  readonly className: string | undefined;
  readonly size: string;
}

/**
 * Left out, one replica keeps its events in memory, and several share a managed server; which stays when they are scaled
 * back to one, as a change of the backplane would forget the events.
 */
export function chooseBackplane(
  { memory, managed, redis }: z.output<typeof BackplaneSchema>,
  replicas: number,
  previous: Backplane["kind"] | undefined,
): Backplane {
  if (redis) return toRedis(redis);
  if (managed) return { kind: "Managed", storage: managed.storage && toStorage(managed.storage) };
  if (!memory && (replicas > 1 || previous === "Managed")) return { kind: "Managed", storage: undefined };
  return { kind: "Memory" };
}

function toRedis({ urlSecretRef, mode, ca, minReplicas }: z.output<typeof Redis>): RedisBackplane {
  return { kind: "Redis", url: urlSecretRef, mode, ca: ca && toTrustedCa(ca), minReplicas };
}

function toStorage({ className, size }: { className?: string; size: string | number }): Storage {
  return { className, size: String(size) };
}
