/** The rights that the operator is installed with, and those that its calls make use of, as `verb resource.group`. For tests only. */
import type { AuditedCall } from "#cluster/audit-log.ts";
import { CLUSTER_PERMISSIONS, OWN_PERMISSIONS, SERVICE_PERMISSIONS } from "#operator/install/permissions.ts";

/** Of an installation that serves the whole cluster. */
export function rightsGranted(): Set<string> {
  const table = [...SERVICE_PERMISSIONS, ...CLUSTER_PERMISSIONS, ...OWN_PERMISSIONS];
  return new Set(
    table.flatMap(({ apiGroup, resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => formatRight(verb, resource, apiGroup))),
    ),
  );
}

/** An apply that creates needs the right to create as well. */
export function rightsUsed(calls: readonly AuditedCall[]): Set<string> {
  return new Set(
    calls.flatMap(({ verb, resource, apiGroup, code }) =>
      (verb === "patch" && code === 201 ? [verb, "create"] : [verb]).map((each) =>
        formatRight(each, resource, apiGroup),
      ),
    ),
  );
}

export function without(rights: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...rights].filter((right) => !others.has(right));
}

function formatRight(verb: string, resource: string, apiGroup: string): string {
  return `${verb} ${resource}.${apiGroup}`;
}
