/** The zod schemas of spec and status -> the CustomResourceDefinition. Pure; `crds/` holds its output. */
import { z } from "zod";
import {
  certificateSecretName,
  MAX_NAME_LENGTH,
  NAME_PATTERN,
  NAME_REQUIREMENT,
  OWN_SECRET_REFUSAL,
} from "./names.ts";
import { GROUP, KIND, PLURAL, SseServiceSpecSchema, VERSION } from "./spec.ts";
import { SseServiceStatusSchema } from "./status-schema.ts";

/** The CustomResourceDefinition, complete and in a stable order. */
export function buildCrd() {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: "sseservice",
        shortNames: ["sse"],
        categories: ["all"],
      },
      scope: "Namespaced",
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: rootSchema() },
          subresources: {
            status: {},
            scale: {
              specReplicasPath: ".spec.replicas",
              statusReplicasPath: ".status.replicas",
              labelSelectorPath: ".status.selector",
            },
          },
          additionalPrinterColumns: [
            {
              name: "Ready",
              type: "string",
              jsonPath: ".status.ready",
              description: "Ready and wanted pods",
            },
            {
              name: "Connections",
              type: "integer",
              jsonPath: ".status.connections",
              description: "Open streams, rounded",
            },
            { name: "URL", type: "string", jsonPath: ".status.url", description: "Where to open it" },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
            {
              name: "Backplane",
              type: "string",
              priority: 1,
              jsonPath: ".status.backplane",
              description: "What the pods share their events over",
            },
            {
              // Not a date: kubectl shows those that are to come as invalid.
              name: "Cert-Expires",
              type: "string",
              priority: 1,
              jsonPath: ".status.certificate.notAfter",
              description: "Until when the certificate is valid",
            },
            {
              name: "Reason",
              type: "string",
              priority: 1,
              jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
              description: "Why it is ready or not",
            },
          ],
        },
      ],
    },
  };
}

type SchemaNode = z.core.JSONSchema.BaseSchema;

const NAME_RULE = {
  rule: `self.metadata.name.size() <= ${MAX_NAME_LENGTH} && self.metadata.name.matches('${NAME_PATTERN.source}')`,
  message: `metadata.name must ${NAME_REQUIREMENT}`,
};

const OWN_SECRET_RULE = {
  rule: `!has(self.spec.tls.secretRef) || self.spec.tls.secretRef.name != self.metadata.name + '${certificateSecretName("")}'`,
  message: OWN_SECRET_REFUSAL,
  fieldPath: ".spec.tls.secretRef.name",
};

function rootSchema(): SchemaNode {
  return {
    type: "object",
    description: "A Server-Sent Events service behind HTTP/2 sidecars.",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: structuralSchema(SseServiceSpecSchema.prefault({})),
      status: structuralSchema(SseServiceStatusSchema),
    },
    required: ["spec"],
    "x-kubernetes-validations": [NAME_RULE, OWN_SECRET_RULE],
  };
}

/**
 * The dialect of JSON Schema that the API server takes: no `$schema`, no `additionalProperties: false`, and each
 * object's default written out whole, since CEL rules are checked against a default before inner ones are filled in.
 */
function structuralSchema(schema: z.ZodType): SchemaNode {
  const { $schema: _, ...structural } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ zodSchema, jsonSchema }) => makeStructural(zodSchema, jsonSchema),
  });
  return structural;
}

function makeStructural(source: z.core.$ZodType, node: SchemaNode): void {
  if (node.additionalProperties === false) delete node.additionalProperties;
  if (node["x-kubernetes-preserve-unknown-fields"]) delete node.additionalProperties;
  if (node["x-kubernetes-int-or-string"]) delete node.anyOf;
  delete node.propertyNames;
  if (node.default === undefined) return;
  node.default = z.parse(source, undefined);
  // `kubectl explain` shows descriptions but no defaults.
  const isShort =
    typeof node.default !== "object" || (Array.isArray(node.default) && node.default.length > 0);
  if (isShort) node.description += ` Default: ${JSON.stringify(node.default)}.`;
}
