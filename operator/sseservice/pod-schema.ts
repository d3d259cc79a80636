/** The part of the resource's schema that says where and with what resources the pods run. Pure. */
import { z } from "zod";
import { integer, Quantity, rule } from "./schema-parts.ts";

const ResourceList = z.record(z.string().max(63), Quantity).meta({ maxProperties: 8 });

const Resources = z.strictObject({
  requests: ResourceList.optional().meta({ description: "Guaranteed resources, such as `cpu: 50m`." }),
  limits: ResourceList.optional().meta({ description: "Upper bounds, such as `memory: 256Mi`." }),
});

const Toleration = z.strictObject({
  key: z
    .string()
    .max(316)
    .exactOptional()
    .meta({ description: "The taint's key, such as `dedicated`; every key when left out." }),
  operator: z
    .enum(["Exists", "Equal"])
    .exactOptional()
    .meta({ description: "Whether the value counts; `Equal` when left out." }),
  value: z.string().max(63).exactOptional().meta({ description: "The taint's value, such as `streaming`." }),
  effect: z
    .enum(["NoSchedule", "PreferNoSchedule", "NoExecute"])
    .exactOptional()
    .meta({ description: "The taint's effect; every effect when left out." }),
  tolerationSeconds: integer(
    0,
    2_147_483_647,
    "Seconds for which a NoExecute taint is tolerated, such as `300`; for ever when left out.",
  ).exactOptional(),
});

const TopologySpreadConstraint = z.strictObject({
  maxSkew: integer(1, 100, "By how many pods the domains may differ.").default(1),
  topologyKey: z
    .string()
    .min(1)
    .max(316)
    .meta({ description: "The label whose values are the domains, such as `topology.kubernetes.io/zone`." }),
  whenUnsatisfiable: z
    .enum(["DoNotSchedule", "ScheduleAnyway"])
    .default("ScheduleAnyway")
    .meta({ description: "What becomes of a pod that would break the rule." }),
});

/** Kubernetes' own fields, which the API server checks when the Deployment is applied. */
const Affinity = z.looseObject({}).meta({
  description:
    "Kubernetes' own affinity, with `nodeAffinity`, `podAffinity` and `podAntiAffinity`, such as `nodeAffinity: {...}`.",
  "x-kubernetes-preserve-unknown-fields": true,
});

/** The keys by which the operator finds its pods again. */
const OWN_KEYS = "key.startsWith('app.kubernetes.io/') || key.startsWith('sse-operator.dev/')";

const keyValues = (valueLength: number, description: string) =>
  z
    .record(z.string().max(316), z.string().max(valueLength))
    .default({})
    .meta({
      description,
      maxProperties: 32,
      "x-kubernetes-validations": [
        rule(
          `!self.exists(key, ${OWN_KEYS})`,
          "app.kubernetes.io/ and sse-operator.dev/ are the operator's own: use another prefix",
        ),
      ],
    });

export const Pod = z.strictObject({
  resources: z
    .strictObject({
      runtime: Resources.prefault({
        requests: { cpu: "50m", memory: "96Mi" },
        limits: { memory: "512Mi" },
      }).meta({ description: "Requests and limits of the broker's container." }),
      nginx: Resources.prefault({
        requests: { cpu: "50m", memory: "32Mi" },
        limits: { memory: "512Mi" },
      }).meta({ description: "Requests and limits of the sidecar's container." }),
    })
    .prefault({})
    .meta({ description: "Requests and limits of the two containers." }),
  labels: keyValues(63, "More labels of the pods, such as `team: events`."),
  annotations: keyValues(4_096, "More annotations of the pods, such as `linkerd.io/inject: disabled`."),
  nodeSelector: z.record(z.string().max(316), z.string().max(63)).default({}).meta({
    description: "Labels that a node must have, such as `kubernetes.io/arch: amd64`.",
    maxProperties: 32,
  }),
  tolerations: z
    .array(Toleration)
    .max(16)
    .default([])
    .meta({ description: "Taints that the pods tolerate.", "x-kubernetes-list-type": "atomic" }),
  affinity: Affinity.exactOptional(),
  topologySpreadConstraints: z
    .array(TopologySpreadConstraint)
    .max(8)
    .default([{ maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" }])
    .meta({
      description: "How the pods of this service spread over the cluster.",
      "x-kubernetes-list-type": "atomic",
    }),
  priorityClassName: z
    .string()
    .min(1)
    .max(253)
    .exactOptional()
    .meta({ description: "The pods' PriorityClass, such as `high`; the cluster's default when left out." }),
  imagePullSecrets: z
    .array(
      z.strictObject({
        name: z
          .string()
          .min(1)
          .max(253)
          .meta({ description: "Name of the Secret, in the same namespace, such as `registry`." }),
      }),
    )
    .max(8)
    .default([])
    .meta({
      description: "Secrets with the credentials of the registries that `images` names.",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
    }),
});

/** Where and how the pods run. */
export type PodSettings = z.output<typeof Pod>;

/** Requests and limits of one container. */
export type Resources = z.output<typeof Resources>;
