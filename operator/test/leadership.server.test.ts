/** Two operators as processes, of which one leads: what happens when it goes, and when the API server does. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { type OperatorProcess, startOperatorProcess } from "./operator-process.ts";
import { installProduct, setRules } from "./product.ts";

const LEASE = "lease/sse-operator --namespace=sse-operator";
const OUTAGE_MS = 60_000;
/** A lease has to run out, on a busy machine. */
const PATIENCE = { timeout: 180_000 };

let plane: ControlPlane;
let leader: OperatorProcess;
let standby: OperatorProcess;
const started: OperatorProcess[] = [];

beforeAll(async () => {
  plane = await startControlPlane({ name: "leadership", controllers: false });
  await installProduct(plane);
  leader = await start("first");
  await leader.logged("Leading");
  standby = await start("second");
  await applyHeartbeat(5);
  await plane.kubectl("wait", "--for=create", "deployment/demo", "--timeout=40s");
  await plane.kubectl("wait", "--for=condition=Stalled=False", "sse/demo", "--timeout=40s");
});

afterAll(async () => {
  for (const each of started) each.end("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  await plane?.stop();
});

/** With warm caches, and not leading while another one does. */
async function start(podName: string): Promise<OperatorProcess> {
  const operator = await startOperatorProcess(plane, podName);
  started.push(operator);
  await operator.logged("Started");
  return operator;
}

/** A change that rolls the pods. */
async function applyHeartbeat(heartbeatSeconds: number): Promise<void> {
  const metadata = { name: "demo", namespace: "default" };
  const spec = { stream: { heartbeatSeconds } };
  await plane.apply(
    JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec }),
  );
}

async function expectHeartbeat(seconds: number): Promise<void> {
  const read = () => get("configmap/demo-config", "{.data.runtime\\.json}").catch(String);
  await expect.poll(read, { timeout: 40_000 }).toContain(`"heartbeatSeconds": ${seconds}`);
}

function get(target: string, path: string): Promise<string> {
  return plane.kubectl("get", ...target.split(" "), "-o", `jsonpath=${path}`);
}

/** What the operators have asked for since there were `count` requests. */
async function callsSince(count = 0): Promise<AuditedCall[]> {
  const calls = (await readAuditLog(plane.auditLogPath)).filter(({ user }) => user.endsWith(":sse-operator"));
  return calls.slice(count);
}

/** What was written of the product, besides the lease and events. */
function writes(calls: readonly AuditedCall[]): string[] {
  const others = calls.filter((call) => isWrite(call) && !["leases", "events"].includes(call.resource));
  return others.map(({ resource, name }) => `${resource} ${name}`);
}

/** How the lease was asked for: each look and each write, in order. */
function leaseVerbs(calls: readonly AuditedCall[]): string[] {
  return calls.filter(({ resource }) => resource === "leases").map(({ verb }) => verb);
}

test("told to end, the leader gives the lease up, and the standby takes it at its next look", async ({
  annotate,
}) => {
  const before = (await callsSince()).length;
  const toldMs = performance.now();
  leader.end("SIGTERM");
  await standby.logged("Leading");
  await annotate(`from SIGTERM to the next leader: ${Math.round(performance.now() - toldMs)} ms`);
  expect(await leader.ended).toBe(0);
  // The last two writes are the release and the acquisition; a look that was under way may still show the old holder.
  const verbs = leaseVerbs(await callsSince(before));
  const [release, acquisition] = [verbs.indexOf("update"), verbs.lastIndexOf("update")];
  expect(acquisition - release).toBeLessThanOrEqual(3);
  expect(await get(LEASE, "{.spec.holderIdentity}")).toMatch(/^second_/);
  expect(writes(await callsSince(before))).toEqual([]);
  leader = standby;
  standby = await start("third");
});

test(
  "power-cut in the middle of a rollout, the leader is followed by the standby, which finishes it",
  PATIENCE,
  async ({ annotate }) => {
    const { rules } = JSON.parse(await plane.kubectl("get", "clusterrole", "sse-operator", "-o", "json"));
    const without = rules.map((rule: { resources: string[] }) => ({
      ...rule,
      resources: rule.resources.filter((resource) => resource !== "deployments"),
    }));
    // The watch of Deployments goes on; the write of it is refused, which is where the power goes.
    await setRules(
      plane,
      without.filter((rule: { resources: string[] }) => rule.resources.length > 0),
    );
    const template = await get("deployment/demo", "{.spec.template.metadata.annotations}");
    await applyHeartbeat(6);
    await expectHeartbeat(6);
    await expect
      .poll(() => get("sse/demo", '{.status.conditions[?(@.type=="Stalled")].reason}'))
      .toBe("Forbidden");

    const cutMs = performance.now();
    leader.end("SIGKILL");
    expect(await leader.ended).toBe("SIGKILL");
    expect(await get("deployment/demo", "{.spec.template.metadata.annotations}")).toBe(template);
    await setRules(plane, rules);
    const before = (await callsSince()).length;
    await standby.logged("Leading");
    await annotate(`from the power cut to the next leader: ${Math.round(performance.now() - cutMs)} ms`);
    await expect
      .poll(() => get("deployment/demo", "{.spec.template.metadata.annotations}"))
      .not.toBe(template);
    await expect
      .poll(() => get("sse/demo", '{.status.conditions[?(@.type=="Stalled")].reason}'))
      .toBe("NotStalled");
    // What its predecessor had done is known and left alone.
    expect(new Set(writes(await callsSince(before)))).toEqual(
      new Set(["deployments demo", "sseservices/status demo"]),
    );
    leader = standby;
    standby = await start("fourth");
  },
);

test(
  "the API server away for a minute: it costs the leader its lead, and nothing else",
  PATIENCE,
  async () => {
    const before = (await callsSince()).length;
    await plane.kill();
    const killedMs = performance.now();
    expect(await leader.ended).toBe(1);
    const restarted = await start("fifth"); // as the kubelet does
    await pause(Math.max(0, OUTAGE_MS - (performance.now() - killedMs)));
    await plane.start();
    await Promise.race([standby.logged("Leading"), restarted.logged("Leading")]);
    await applyHeartbeat(7);
    await expectHeartbeat(7);
    await expect.poll(async () => writes(await callsSince(before))).toContain("sseservices/status demo");
    expect(new Set(writes(await callsSince(before)))).toEqual(
      new Set(["configmaps demo-config", "deployments demo", "sseservices/status demo"]),
    );
    expect(await get(LEASE, "{.spec.holderIdentity}")).toMatch(/^(fourth|fifth)_/);
  },
);
