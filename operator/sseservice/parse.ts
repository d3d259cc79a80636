/** An object as the API server holds it -> an SseService, or every reason why it is none. Pure. */
import { z } from "zod";
import { BACKPLANE_KINDS, chooseBackplane } from "./backplane.ts";
import { RENEW_CERTIFICATE_ANNOTATION } from "./labels.ts";
import { certificateSecretName, isServiceName, NAME_REQUIREMENT, OWN_SECRET_REFUSAL } from "./names.ts";
import { type SseService, SseServiceSpecSchema } from "./spec.ts";
import { chooseCertificateSource } from "./tls.ts";

/** One thing that is wrong: the field's path, and what was found and is allowed. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

export type ParseResult = { readonly service: SseService } | { readonly issues: readonly Issue[] };

const Resource = z
  .object({
    metadata: z.object({
      name: z.string().refine(isServiceName, { error: `must ${NAME_REQUIREMENT}` }),
      namespace: z.string(),
      uid: z.string(),
      generation: z.int().default(0),
      annotations: z.record(z.string(), z.string()).default({}),
    }),
    spec: SseServiceSpecSchema.prefault({}).refine(
      ({ replicas, backplane }) => replicas <= 1 || !backplane.memory,
      { path: ["replicas"], error: "more than one replica needs a backplane that all pods share" },
    ),
    status: z.object({ backplane: z.enum(BACKPLANE_KINDS).optional().catch(undefined) }).optional(),
  })
  .refine(({ metadata, spec }) => spec.tls.secretRef?.name !== certificateSecretName(metadata.name), {
    path: ["spec", "tls", "secretRef", "name"],
    error: OWN_SECRET_REFUSAL,
  });

/**
 * Unknown fields of a stored object come from another release's definition, as what its own does not know the API server
 * drops: while a release replaces another, both read what either's definition fills in. In a file they are misspelt.
 */
export type UnknownFields = "ignore" | "refuse";

export function parseSseService(resource: unknown, unknownFields: UnknownFields = "ignore"): ParseResult {
  const { success, data, error } = readResource(resource, unknownFields);
  if (!success) return { issues: error.issues.map(toIssue) };
  const { metadata, spec, status } = data;
  const { annotations, ...identity } = metadata;
  return {
    service: {
      ...identity,
      spec,
      backplane: chooseBackplane(spec.backplane, spec.replicas, status?.backplane),
      certificate: chooseCertificateSource(spec.tls),
      renewalRequest: annotations[RENEW_CERTIFICATE_ANNOTATION],
    },
  };
}

function readResource(resource: unknown, unknownFields: UnknownFields) {
  const result = Resource.safeParse(resource);
  if (result.success || unknownFields === "refuse") return result;
  return Resource.safeParse(withoutUnknownFields(resource, result.error.issues));
}

function withoutUnknownFields(resource: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const known = structuredClone(resource);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = issue.path.reduce<unknown>((value, key) => valueAt(value, key), known);
    for (const key of issue.keys) if (isObject(holder)) delete holder[key];
  }
  return known;
}

function valueAt(value: unknown, key: PropertyKey): unknown {
  return isObject(value) ? value[key] : undefined;
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

function toIssue(issue: z.core.$ZodIssue): Issue {
  return { field: z.core.toDotPath(issue.path), message: issue.message };
}
