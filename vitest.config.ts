import { defineConfig } from "vitest/config";

/**
 * Projects by what they need: `unit` needs nothing, `server` starts real servers, `cluster` a real Kubernetes, and `record`
 * what the API server of that one wrote down.
 */
export default defineConfig({
  test: {
    // A wait ends with what it waits for; the limit only says when a busy machine stops being the explanation.
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{operator,runtime,cluster,bench,tools}/**/*.test.ts"],
          exclude: ["**/*.server.test.ts", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "server",
          include: ["{operator,runtime,cluster,bench}/**/*.server.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "cluster",
          include: ["e2e/*.test.ts"],
          globalSetup: ["e2e/global-setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      { extends: true, test: { name: "record", include: ["e2e/record/*.test.ts"] } },
    ],
  },
});
