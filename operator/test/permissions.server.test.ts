/** The rights that the operator is installed with, compared both ways with what it asks for: nothing missing, nothing unused. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAuditLog } from "#cluster/audit-log.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { type OperatorProcess, startOperatorProcess } from "./operator-process.ts";
import { installProduct, OPERATOR_ACCOUNT } from "./product.ts";
import { rightsGranted, rightsUsed, without } from "./rights.ts";

/** What no life of a service here asks for, and why it is granted all the same. */
const NOT_SEEN_HERE: readonly { readonly right: RegExp; readonly why: string }[] = [
  { right: /^list /, why: "API servers that do not stream what exists first are listed, and then watched" },
  {
    right: /^(?!watch ).* certificates(\/status)?\.cert-manager\.io$/,
    why: "cert-manager is not installed here",
  },
  { right: /^update sseservices\/finalizers\./, why: "asked for by an admission plugin, not by a request" },
];

let plane: ControlPlane;
let operator: OperatorProcess;

beforeAll(async () => {
  plane = await startControlPlane({ name: "permissions" });
  await installProduct(plane);
  await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: "node1" } }));
  operator = await startOperatorProcess(plane, "only");
  await operator.logged("Leading");
});

afterAll(async () => {
  operator?.end("SIGKILL");
  await operator?.ended;
  await plane?.stop();
});

async function apply(spec: object): Promise<void> {
  const metadata = { name: "demo", namespace: "default" };
  await plane.apply(
    JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec }),
  );
}

test("a life in which everything is made and everything is taken away again uses every right, and asks for no other", async () => {
  await apply({});
  await plane.kubectl("wait", "--for=create", "deployment/demo", "--timeout=40s");
  await apply({ replicas: 2 });
  await plane.kubectl("wait", "--for=create", "poddisruptionbudget/demo", "--timeout=40s");
  await apply({ replicas: 1, backplane: { memory: {} }, access: { publish: "Anyone" } });
  await plane.kubectl("wait", "--for=delete", "poddisruptionbudget/demo", "--timeout=40s");
  await plane.kubectl("wait", "--for=delete", "statefulset/demo-backplane", "--timeout=40s");
  operator.end("SIGTERM");
  expect(await operator.ended).toBe(0);

  const calls = (await readAuditLog(plane.auditLogPath)).filter(({ user }) => user === OPERATOR_ACCOUNT);
  expect(calls.filter(({ code }) => code === 403)).toEqual([]);
  const [used, granted] = [rightsUsed(calls), rightsGranted()];
  expect(without(used, granted)).toEqual([]);
  const unused = without(granted, used);
  expect(unused.filter((right) => !NOT_SEEN_HERE.some((exception) => exception.right.test(right)))).toEqual(
    [],
  );
  const needless = NOT_SEEN_HERE.filter(({ right }) => !unused.some((each) => right.test(each)));
  expect(needless).toEqual([]);
});
