/** Who can reach a service's pods and the operator's, as the real cluster's network enforces it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorld, type World } from "./world.ts";

const NAME = "guarded";
const HTTPS_PORT = 8443;
const MANAGEMENT_PORT = 9090;
const OPERATOR_PORT = 8080;
const STRANGER = ["-n", "strangers", "pod/visitor"];
const MONITORING = ["-n", "watchers", "pod/visitor"];
const OPERATOR = ["-n", "sse-operator", "deployment/sse-operator"];

let world: World;
let pod: string;

/** A namespace with a pod in it that does nothing by itself. */
async function addVisitor(namespace: string, labels: Record<string, string>): Promise<void> {
  const image = await world.read(`deployment/${NAME}`, "{.spec.template.spec.containers[0].image}");
  const command = ["node", "-e", "setInterval(() => {}, 1e9)"];
  const container = { name: "visitor", image, command };
  const spec = {
    containers: [container],
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
  };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } },
    { apiVersion: "v1", kind: "Pod", metadata: { name: "visitor", namespace }, spec },
  ];
  await world.cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, { drain: { timeoutSeconds: 1 } });
  await world.waitUntilReady(NAME);
  pod = await world.read(`pods -l app.kubernetes.io/instance=${NAME}`, "{.items[0].status.podIP}");
  await addVisitor("strangers", {});
  await addVisitor("watchers", { "sse-operator.dev/monitoring": "true" });
  for (const [, namespace = ""] of [STRANGER, MONITORING]) {
    await world.cluster.kubectl("wait", "-n", namespace, "pod/visitor", "--for=condition=Ready");
  }
});

afterAll(async () => {
  await world?.cluster.kubectl("delete", "namespace", "strangers", "watchers", "--ignore-not-found");
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
});

/** Whether a connection from that pod to an address is taken, refused or left without an answer. */
async function connect(from: readonly string[], port: number, address: string): Promise<string> {
  const program = `
    const socket = require("node:net").connect(${port}, "${address}");
    const tell = (word) => { console.log(word); process.exit(); };
    socket.on("connect", () => tell("open")).on("error", (error) => tell(error.code));
    setTimeout(tell, 2000, "no answer");`;
  return (await world.cluster.kubectl("exec", ...from, "--", "node", "-e", program)).trim();
}

/** What a pod is answered to a GET. */
async function fetchFrom(from: readonly string[], url: string): Promise<string> {
  const program = `fetch("${url}", { signal: AbortSignal.timeout(2000) }).then((r) => r.text()).then(console.log, console.log)`;
  return world.cluster.kubectl("exec", ...from, "--", "node", "-e", program);
}

/** The network of a new pod takes a moment to know its rules. */
function expectConnection(from: readonly string[], port: number, address = pod) {
  return expect.poll(() => connect(from, port, address), { timeout: 30_000, interval: 500 });
}

async function operatorAddresses(): Promise<string[]> {
  const target = "pods -n sse-operator -l app.kubernetes.io/name=sse-operator";
  return (await world.read(target, "{.items[*].status.podIP}")).split(" ");
}

describe("a stranger's pod", () => {
  test("does not reach the management port", async () => {
    await expectConnection(STRANGER, MANAGEMENT_PORT).toMatch(/no answer|ECONNREFUSED/);
  });

  test("does not reach the operator's port", async () => {
    for (const address of await operatorAddresses()) {
      await expectConnection(STRANGER, OPERATOR_PORT, address).toMatch(/no answer|ECONNREFUSED/);
    }
  });

  test("reaches the TLS port", async () => {
    await expectConnection(STRANGER, HTTPS_PORT).toBe("open");
  });
});

test.each([
  ["the monitoring", MONITORING],
  ["the operator", OPERATOR],
])("%s reaches the management port", async (_, from) => {
  await expectConnection(from, MANAGEMENT_PORT).toBe("open");
});

test("the monitoring reads what the service and the operator measure", async () => {
  await expect
    .poll(() => fetchFrom(MONITORING, `http://${pod}:${MANAGEMENT_PORT}/metrics`))
    .toMatch(/^sse_subscribers 0$/m);
  const addresses = await operatorAddresses();
  const readOperators = async () => {
    const urls = addresses.map((address) => `http://${address}:${OPERATOR_PORT}/metrics`);
    return (await Promise.all(urls.map((url) => fetchFrom(MONITORING, url)))).join("\n");
  };
  const condition = `sse_operator_condition\\{namespace="default",name="${NAME}",type="Ready",status="True",`;
  await expect.poll(readOperators).toMatch(new RegExp(`^${condition}`, "m"));
  expect(await readOperators()).toMatch(/^leader_election_master_status\{name="sse-operator"\} 1$/m);
});

test("the kubelet's probes go on: no container was restarted, and the pod is Ready", async () => {
  const target = `pods -l app.kubernetes.io/instance=${NAME}`;
  expect(await world.read(target, "{.items[0].status.containerStatuses[*].restartCount}")).toBe("0 0");
  expect(await world.read(target, '{.items[0].status.conditions[?(@.type=="Ready")].status}')).toBe("True");
});
