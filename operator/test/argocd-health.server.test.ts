/** Argo CD's health check by a real Lua, fed with the statuses that the operator writes. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Observation } from "#operator/sseservice/conditions/observation.ts";
import { buildStatus } from "#operator/sseservice/status.ts";
import { service } from "./fixtures.ts";
import { deployment, now, observe, pulling } from "./observation.ts";

/** Argo CD has a Lua 5.1 in it. */
const LUA = "lua5.1";
const SCRIPT = readFileSync(join(import.meta.dirname, "../../deploy/argocd/health.lua"), "utf8");

beforeAll(() => {
  try {
    execFileSync(LUA, ["-v"], { stdio: "ignore" });
  } catch {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", LUA], { stdio: "ignore" });
  }
});

/** A JSON value as Lua writes it. */
function toLua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toLua).join(",")}}`;
  if (typeof value !== "object" || value === null)
    return JSON.stringify(value ?? null)?.replace(/^null$/, "nil");
  return `{${Object.entries(value)
    .map(([key, inner]) => `[${JSON.stringify(key)}]=${toLua(inner)}`)
    .join(",")}}`;
}

function healthOf(status: object | undefined, generation = 3): { status: string; message: string } {
  const object = { metadata: { generation }, ...(status && { status }) };
  const program = `obj = ${toLua(object)}
    local hs = (function() ${SCRIPT} end)()
    io.write(hs.status, "\\n", hs.message)`;
  const [health = "", message = ""] = execFileSync(LUA, ["-"], { input: program, encoding: "utf8" }).split(
    "\n",
  );
  return { status: health, message };
}

test.each<[string, Partial<Observation>, string, string]>([
  ["all is well", {}, "Healthy", "1 pod serves streams"],
  [
    "pods start",
    { deployment: deployment({ observedGeneration: 1 }) },
    "Progressing",
    "0 of 1 pods are up to date",
  ],
  ["it is being verified", { http2: undefined }, "Progressing", "the Service is being opened"],
  ["it is paused", { service: service({ paused: true }) }, "Suspended", "set spec.paused to false"],
  [
    "a human is needed",
    { deployment: deployment({ observedGeneration: 1 }), pods: [pulling("not found")] },
    "Degraded",
    'The image "nginx:0" of the container nginx cannot be pulled',
  ],
  [
    "it serves something else",
    { http2: { kind: "failed", failure: { reason: "NoHttp2", message: "TLS negotiated http/1.1" } } },
    "Degraded",
    "TLS negotiated http/1.1",
  ],
  [
    "no pod is wanted",
    { service: service({ replicas: 0 }), deployment: deployment({ observedGeneration: 1 }) },
    "Suspended",
    "No pod is wanted",
  ],
])("when %s", (_, change, status, message) => {
  expect(healthOf(buildStatus(observe(change), now))).toEqual({
    status,
    message: expect.stringContaining(message),
  });
});

test("what speaks of another generation counts for nothing, and neither does no status at all", () => {
  const waiting = { status: "Progressing", message: "Waiting for the operator" };
  expect(healthOf(buildStatus(observe(), now), 4)).toEqual(waiting);
  expect(healthOf(undefined)).toEqual(waiting);
});
