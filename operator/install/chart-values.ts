/** What may be set in the Helm chart: the one source of its values.yaml and of the schema that refuses wrong ones. Pure. */
import { z } from "zod";
import { isObject } from "#operator/is-object.ts";
import { API_SERVER_PORTS } from "./network-policy.ts";
import { RELEASE } from "./release.ts";
import { OPERATOR_RESOURCES } from "./deployment.ts";

const image = (released: string, description: string) =>
  z.string().min(1).max(512).default(released).meta({ description });

const Quantities = z.record(z.string(), z.union([z.string(), z.number()]));

const AnyObject = z.record(z.string(), z.unknown());

export const ChartValues = z.strictObject({
  replicas: z.int().min(1).max(10).default(2).meta({
    description: "Pods of the operator: one leads, the others stand by with warm caches.",
  }),
  images: z
    .strictObject({
      operator: image(RELEASE.images.operator, "The operator itself."),
      runtime: image(
        RELEASE.images.runtime,
        "The broker in the pods of every SseService that names no other.",
      ),
      nginx: image(RELEASE.images.nginx, "Their sidecar: any official nginx >= 1.26."),
      valkey: image(RELEASE.images.valkey, "The server of a managed backplane: Valkey 8 or later."),
    })
    .prefault({})
    .meta({ description: "Whole names, with a tag or a digest." }),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string().min(1) }))
    .default([])
    .meta({ description: "Secrets to pull the operator's image with." }),
  watchNamespace: z
    .string()
    .max(63)
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/)
    .default("")
    .meta({
      description:
        "Serve this namespace alone, with rights in it and nowhere else. Empty: serve the whole cluster.",
    }),
  followNodes: z.boolean().default(true).meta({
    description:
      "With watchNamespace: a ClusterRole to read the nodes. Without it certificates and URLs have no node addresses.",
  }),
  logLevel: z
    .enum(["trace", "debug", "info", "warn", "error"])
    .default("info")
    .meta({ description: "Least severe lines that are logged." }),
  resources: z
    .strictObject({ requests: Quantities.optional(), limits: Quantities.optional() })
    .default(OPERATOR_RESOURCES)
    .meta({ description: "Of each pod of the operator." }),
  nodeSelector: z.record(z.string(), z.string()).default({}).meta({ description: "Where its pods may run." }),
  tolerations: z.array(AnyObject).default([]).meta({ description: "Taints that its pods tolerate." }),
  affinity: AnyObject.default({}).meta({ description: "More about where its pods run." }),
  priorityClassName: z.string().max(253).default("").meta({ description: "How important its pods are." }),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().default(true).meta({ description: "Whether there is one." }),
      apiServerPorts: z
        .array(z.int().min(1).max(65_535))
        .min(1)
        .default([...API_SERVER_PORTS])
        .meta({ description: "Where the cluster's API servers may listen." }),
    })
    .prefault({})
    .meta({ description: "Whom the operator's pods may talk to, and who to them." }),
  monitoring: z
    .strictObject({
      podMonitors: z
        .boolean()
        .default(false)
        .meta({ description: "PodMonitors of the operator and of the services' pods." }),
      alerts: z.boolean().default(false).meta({ description: "A PrometheusRule with the alerts." }),
    })
    .prefault({})
    .meta({ description: "Objects for prometheus-operator, whose definitions must be installed." }),
  crd: z
    .strictObject({
      install: z.boolean().default(true).meta({
        description:
          "Install and upgrade the CustomResourceDefinition. It stays when the chart is uninstalled.",
      }),
    })
    .prefault({})
    .meta({ description: "The definition of the resource." }),
  global: AnyObject.optional().meta({ description: "Of a parent chart; not used." }),
});

/** With the defaults as comments say them, in the order of the schema. */
export function buildValuesYaml(): string {
  return describeObject(ChartValues, ChartValues.parse({}), "");
}

export function buildValuesSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(ChartValues, { target: "draft-7", io: "input" }), undefined, 2)}\n`;
}

function describeObject(schema: z.ZodObject, values: Record<string, unknown>, indent: string): string {
  return Object.entries(schema.shape)
    .filter(([name]) => name in values)
    .map(([name, field]) => describeField(name, field, values[name], indent))
    .join(indent === "" ? "\n" : "");
}

function describeField(name: string, field: z.ZodType, value: unknown, indent: string): string {
  const comment = `${indent}# ${field.meta()?.["description"]}\n`;
  const inner = unwrap(field);
  return inner instanceof z.ZodObject && isObject(value) && name !== "resources"
    ? `${comment}${indent}${name}:\n${describeObject(inner, value, `${indent}  `)}`
    : `${comment}${indent}${name}: ${JSON.stringify(value)}\n`;
}

/** The type behind its default. */
function unwrap(field: z.ZodType): z.core.$ZodType {
  return field instanceof z.ZodDefault || field instanceof z.ZodPrefault ? field.unwrap() : field;
}
