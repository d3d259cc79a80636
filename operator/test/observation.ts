/** What is observed of a service of which all is well, but for what a test changes; and the conditions that come of it. */
import type { Observation } from "#operator/sseservice/conditions/observation.ts";
import { buildStatus } from "#operator/sseservice/status.ts";
import { service } from "#operator/test/fixtures.ts";

export const now = new Date("2026-01-01T00:00:00.123Z");
const node = { name: "a", ready: true, addresses: ["192.0.2.1"] };
export const running = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
};

/** All is well, but for what is given. */
export function observe(change: Partial<Observation> = {}): Observation {
  return {
    name: "demo",
    generation: 3,
    previous: undefined,
    service: service(),
    issues: [],
    failures: [],
    missingReferences: [],
    waiting: [],
    backplaneServer: undefined,
    pods: [],
    backplanePods: [],
    deployment: { metadata: { name: "demo", namespace: "shop", generation: 1 }, status: running },
    kubernetesService: {
      spec: { type: "NodePort", ports: [{ name: "https", port: 443, nodePort: 30_007 }] },
    },
    nodes: [node],
    certificate: {
      notAfter: "2026-04-01T00:00:00Z",
      renewalTime: "2026-03-01T00:00:00Z",
      caFingerprint: "AA",
    },
    certificateProblem: undefined,
    http2: { kind: "verified", finding: "Open", latencyMs: 1 },
    stats: { connections: 12, backplane: "up", problems: [] },
    ...change,
  };
}

export function conditions(change: Partial<Observation> = {}): Record<string, string> {
  const entries = buildStatus(observe(change), now).conditions ?? [];
  return Object.fromEntries(entries.map(({ type, status, reason }) => [type, `${status} ${reason}`]));
}

/** A pod whose image cannot be pulled, for this reason. */
export const pulling = (message: string) => ({
  status: {
    containerStatuses: [
      {
        name: "nginx",
        image: "nginx:0",
        imageID: "",
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: "ErrImagePull", message } },
      },
    ],
  },
});

export const deployment = (status: object, generation = 1) => ({
  metadata: { name: "demo", namespace: "shop", generation },
  status,
});
