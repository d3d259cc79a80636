/** An SseService -> the objects that it becomes, as far as they can be told without a cluster. */
import { randomBytes, randomUUID } from "node:crypto";
import type { KubernetesObject } from "@kubernetes/client-node";
import { renewMaterial } from "#operator/certificates/material.ts";
import { isObject } from "#operator/is-object.ts";
import { buildChildren } from "#operator/sseservice/build.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import { certificateNames } from "#operator/sseservice/observation.ts";
import type { SseService } from "#operator/sseservice/spec.ts";

/** Stands for what only a cluster knows. */
export const UNKNOWN = "(known to the cluster only)";

/** The uid of a resource that no API server has seen. */
export const NO_UID = "";

/**
 * The same objects as the operator applies. What is derived from keys, passwords, nodes or the owner's uid is found by
 * building twice, with others each time: whatever comes out different is what nobody can know beforehand.
 */
export async function renderChildren(service: SseService, installation: Installation): Promise<object[]> {
  const [first, second] = await Promise.all([build(service, installation), build(service, installation)]);
  return first.map((object, index) => markFields(object, second[index]));
}

async function build(service: SseService, installation: Installation): Promise<KubernetesObject[]> {
  const nodes = [{ name: "", ready: true, addresses: [`fd00::${randomBytes(2).toString("hex")}`] }];
  const names = certificateNames(service, nodes, undefined);
  const input = { names, origin: { kind: "SelfSigned", validityDays: 1 } } as const;
  const { kind } = service.certificate;
  // Nobody can be asked to renew a Secret of the user's.
  const asking = kind === "Secret" ? { ...service, renewalRequest: undefined } : service;
  const { material } = await renewMaterial(asking, NOTHING, input, new Date());
  const authority = kind === "SelfSigned" ? material.authority : undefined;
  const uid = service.uid === NO_UID ? randomUUID() : service.uid;
  const ingredients = { material: { ...material, authority }, names, installation, hasPods: true };
  return buildChildren({ ...service, uid }, ingredients);
}

const NOTHING = {
  authority: undefined,
  certificate: undefined,
  publishToken: undefined,
  backplanePassword: undefined,
};

/** The object, with every leaf that the other one has otherwise replaced by a marker. */
function markFields(object: object, other: unknown): object {
  const others = isObject(other) ? other : {};
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, mark(value, others[key])]));
}

function mark(value: unknown, other: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => mark(item, Array.isArray(other) ? other[index] : undefined));
  }
  if (isObject(value)) return markFields(value, other);
  return value === other ? value : UNKNOWN;
}
