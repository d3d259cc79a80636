/** ReferencesReady: what the resource names in its namespace is there. Pure. */
import { describeMissing, referencesOf } from "../references.ts";
import { type Checks, no, yes } from "./verdict.ts";

const UNTIL_THEN = "no pod can start until then";

export const referencesReady: Checks<"ReferencesReady"> = [
  ({ service }) =>
    service ? undefined : no("NotKnown", "The resource is invalid; see the Stalled condition"),
  ({ missingReferences: [first] }) => {
    if (!first) return undefined;
    const message = `${describeMissing(first)}; ${UNTIL_THEN}`;
    if (first.missing === "key") return no("KeyMissing", message);
    return no(first.reference.kind === "Secret" ? "SecretMissing" : "ConfigMapMissing", message);
  },
  ({ service }) =>
    service && referencesOf(service).length > 0
      ? yes("Found", "Every Secret and ConfigMap that the resource names is there")
      : yes("NothingNamed", "The resource names no Secret or ConfigMap"),
];
