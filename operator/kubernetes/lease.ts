/** One Lease object, read and written with optimistic concurrency. */
import { ClusterError } from "#operator/engine/cluster.ts";
import { requestJson } from "./api-client.ts";
import { asString, isJson, parseObject } from "./parse.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";

export type LeaseName = { namespace: string; name: string };

/** `holder` is empty when the lease was released. */
export type Lease = {
  version: string;
  holder: string;
  durationSeconds: number;
  transitions: number;
  acquireTime: string;
  renewTime: string;
};

export type LeaseClient = {
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** Creates it without a `version`, else replaces exactly that version: Conflict or AlreadyExists if somebody was quicker. */
  write(lease: Omit<Lease, "version">, version: string | undefined, signal: AbortSignal): Promise<Lease>;
};

const TYPE = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

export function createLeaseClient(
  transport: Transport,
  paths: ResourcePaths,
  { namespace, name }: LeaseName,
): LeaseClient {
  const path = paths.object({ ...TYPE, namespace, name });
  const subject = `the lease "${namespace}/${name}"`;
  return {
    async read(signal) {
      try {
        return parseLease(
          await requestJson(transport, { method: "GET", path, what: `read ${subject}`, signal }),
        );
      } catch (error) {
        if (error instanceof ClusterError && error.kind === "NotFound") return undefined;
        throw error;
      }
    },
    async write(lease, version, signal) {
      const body = {
        ...TYPE,
        metadata: { name, namespace, resourceVersion: version },
        spec: buildSpec(lease),
      };
      const target =
        version === undefined
          ? ({ method: "POST", path: paths.collection({ ...TYPE, namespace }) } as const)
          : ({ method: "PUT", path } as const);
      return parseLease(await requestJson(transport, { ...target, what: `write ${subject}`, body, signal }));
    },
  };
}

function buildSpec({
  holder,
  durationSeconds,
  transitions,
  acquireTime,
  renewTime,
}: Omit<Lease, "version">): object {
  const counts = { leaseDurationSeconds: durationSeconds, leaseTransitions: transitions };
  return holder === "" ? counts : { holderIdentity: holder, acquireTime, renewTime, ...counts };
}

function parseLease(value: unknown): Lease {
  const object = parseObject(value);
  const spec = isJson(object["spec"]) ? object["spec"] : {};
  return {
    version: object.metadata.resourceVersion ?? "",
    holder: asString(spec["holderIdentity"]),
    durationSeconds: Number(spec["leaseDurationSeconds"] ?? 0),
    transitions: Number(spec["leaseTransitions"] ?? 0),
    acquireTime: asString(spec["acquireTime"]),
    renewTime: asString(spec["renewTime"]),
  };
}
