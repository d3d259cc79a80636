/** This release: its images, installed for the whole cluster. Pure. */
import type { InstallOptions } from "./options.ts";

/** As package.json has it. */
export const RELEASE_VERSION = "0.1.0";

export const RELEASE: InstallOptions = {
  namespace: "sse-operator",
  images: {
    operator: `docker.io/sse-operator/operator:${RELEASE_VERSION}`,
    runtime: `docker.io/sse-operator/runtime:${RELEASE_VERSION}`,
    nginx: "docker.io/library/nginx:1.28-alpine",
    valkey: "docker.io/valkey/valkey:8.1",
  },
  scope: { kind: "Cluster" },
};
