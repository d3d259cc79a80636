import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { bundle } from "./bundle.ts";

const NOBODY_THERE = `
apiVersion: v1
kind: Config
current-context: it
contexts: [{ name: it, context: { cluster: it, user: it } }]
clusters: [{ name: it, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: it, user: { token: none } }]
`;

interface LogEntry {
  readonly err?: {
    readonly type: string;
    readonly message: string;
    readonly cause?: { readonly code?: string };
  };
}

test("a bundle's log names errors as the sources do, and says once what was wrong", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bundle-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await bundle("operator", folder);
  const KUBECONFIG = join(folder, "kubeconfig");
  await writeFile(KUBECONFIG, NOBODY_THERE);
  const { err } = await firstTrouble([join(folder, "operator.mjs"), "run"], { KUBECONFIG });
  expect(err).toMatchObject({ type: "ClusterError", cause: { code: "ECONNREFUSED" } });
  expect(err?.message).toMatch(/^Cannot (watch|read) .*: connect ECONNREFUSED 127\.0\.0\.1:1$/);
});

/** The first entry of the log that tells of an error. */
async function firstTrouble(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<LogEntry> {
  const images = { SSE_RUNTIME_IMAGE: "runtime", SSE_NGINX_IMAGE: "nginx", SSE_VALKEY_IMAGE: "valkey" };
  const child = spawn(process.execPath, command, {
    env: { ...env, ...images, METRICS_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as LogEntry;
    if (entry.err) return entry;
  }
  throw new Error("The process ended, and its log tells of no error");
}
