/** This release: its images, installed for the whole cluster. Pure. */
import type { InstallOptions } from "./options.ts";

export const RELEASE: InstallOptions = {
  namespace: "sse-operator",
  images: {
    operator: "docker.io/sse-operator/operator:0.1.0",
    runtime: "docker.io/sse-operator/runtime:0.1.0",
    nginx: "docker.io/library/nginx:1.28-alpine",
    valkey: "docker.io/valkey/valkey:8.1",
  },
  scope: { kind: "Cluster" },
};
