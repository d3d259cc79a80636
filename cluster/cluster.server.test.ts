import { readdir, readFile, stat } from "node:fs/promises";
import { get } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, createCluster, openCluster } from "./cluster.ts";
import { clusterFolder } from "./cluster-record.ts";
import { run } from "./commands.ts";
import { savedImage } from "./images.ts";
import { isRunning, processTree, runningPid, sendSignal } from "./processes.ts";
import { removeCluster } from "./remove-cluster.ts";
import { until } from "./wait.ts";

const name = "rigtest";
const nodePort = 30_999;
let cluster: Cluster;

/** Says its own name on port 8080; stays bound to its node while that is away. */
function webPod(pod: string, node: string): string {
  const program = `
    require("node:http").createServer((_, response) => response.end("${pod}")).listen(8080);
    process.on("SIGTERM", () => { console.log("asked to end"); process.exit(); });`;
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod, labels: { app: pod } },
    spec: {
      nodeName: node,
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "web",
          image: "localhost/node:26-trixie",
          command: ["node", "-e", program],
          readinessProbe: { httpGet: { path: "/", port: 8080 }, periodSeconds: 1 },
        },
      ],
    },
  });
}

const service = JSON.stringify({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web2" },
  spec: { type: "NodePort", selector: { app: "web2" }, ports: [{ port: 80, targetPort: 8080, nodePort }] },
});

const denyAll = JSON.stringify({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "closed" },
  spec: { podSelector: { matchLabels: { app: "web2" } }, policyTypes: ["Ingress"] },
});

/** What a pod gets from an address, or the error. */
async function fetchFrom(pod: string, url: string): Promise<string> {
  const program = `fetch("${url}", { signal: AbortSignal.timeout(3000) }).then((r) => r.text()).then(console.log, (e) => console.log("failed", e.name))`;
  return (await cluster.kubectl("exec", pod, "--", "node", "-e", program)).trim();
}

/** What the host gets from an address, or undefined. */
function fetchFromHost(url: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  get(url, { timeout: 3_000, agent: false }, (response) => {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    response.on("end", () => resolve(text));
  })
    .on("error", () => resolve(undefined))
    .on("timeout", () => resolve(undefined));
  return promise;
}

async function podIp(pod: string): Promise<string> {
  return cluster.kubectl("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
}

async function restartsOf(pod: string): Promise<number> {
  const path = "jsonpath={.status.containerStatuses[0].restartCount}";
  return Number(await cluster.kubectl("get", "pod", pod, "-o", path));
}

async function readyStatus(node: string): Promise<string> {
  return cluster.kubectl(
    "get",
    "node",
    node,
    "-o",
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
  );
}

/** Everything on this machine that carries the cluster's name, or that only it can have made. */
async function traces(): Promise<string[]> {
  const named = (text: string): string[] => text.split("\n").filter((line) => line.includes(name));
  const cgroups = await readdir("/sys/fs/cgroup", { withFileTypes: true });
  const hierarchies = cgroups
    .filter((entry) => entry.isDirectory())
    .map((entry) => `/sys/fs/cgroup/${entry.name}`);
  return [
    ...named(await run(["ip", "netns", "list"])),
    ...named(await readFile("/proc/mounts", "utf8")),
    ...(
      await Promise.all(
        ["/sys/fs/cgroup", ...hierarchies].map(async (path) => named((await readdir(path)).join("\n"))),
      )
    ).flat(),
    ...named(await run(["ps", "-eo", "pid,args"])).filter((line) => !line.includes("vitest")),
    ...(await stat(clusterFolder(name)).then(
      () => [clusterFolder(name)],
      () => [],
    )),
  ];
}

/** The host's links and routes that lead to the cluster. */
async function waysIn(): Promise<string[]> {
  const { hostAddress, range } = cluster.addresses;
  const prefix = range.replace(/0\.0\/16$/, "");
  const lines =
    (await run(["ip", "-brief", "address"])) + (await run(["ip", "route", "show", "table", "all"]));
  return lines.split("\n").filter((line) => line.includes(hostAddress) || line.includes(` ${prefix}`));
}

async function allPids(): Promise<number[]> {
  const specs = [...cluster.controlPlane.processes, ...cluster.nodes.flatMap((node) => node.processes)];
  const roots = await Promise.all(specs.map((spec) => runningPid(spec.recordPath)));
  return (await Promise.all(roots.filter((pid) => pid !== undefined).map(processTree))).flat();
}

async function waitForPods(): Promise<void> {
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/web1", "pod/web2", "--timeout=60s");
}

beforeAll(async () => {
  await removeCluster(name);
  cluster = await createCluster({ name });
  await cluster.importImages([await savedImage("node")]);
  await cluster.kubectl("wait", "--for=create", "serviceaccount/default", "--timeout=30s");
  for (const manifest of [webPod("web1", "node1"), webPod("web2", "node2"), service])
    await cluster.apply(manifest);
  await waitForPods();
}, 1_800_000);

afterAll(() => removeCluster(name), 120_000);

describe("the network", () => {
  test("a pod reaches a pod of another node, by address, Service address and name", async () => {
    const address = await cluster.kubectl("get", "service", "web2", "-o", "jsonpath={.spec.clusterIP}");
    expect(await fetchFrom("web1", `http://${await podIp("web2")}:8080`)).toBe("web2");
    // A Ready pod is behind its Service as soon as kube-proxy and CoreDNS have heard of it.
    await expect.poll(() => fetchFrom("web1", `http://${address}`)).toBe("web2");
    await expect.poll(() => fetchFrom("web1", "http://web2.default.svc.cluster.local")).toBe("web2");
  });

  test("the host reaches a NodePort on every node, and on its own loopback", async () => {
    for (const { address } of cluster.nodes) {
      await expect.poll(() => fetchFromHost(`http://${address}:${nodePort}`)).toBe("web2");
    }
    await cluster.forward(nodePort, nodePort);
    expect(await fetchFromHost(`http://127.0.0.1:${nodePort}`)).toBe("web2");
    await cluster.stopForward(nodePort);
    expect(await fetchFromHost(`http://127.0.0.1:${nodePort}`)).toBeUndefined();
  });

  test("no packet for the cluster can leave the machine, and none of the cluster's own", async () => {
    const strangers = [cluster.addresses.apiServiceAddress, await podIp("web1")];
    for (const address of strangers) {
      await expect(run(["ip", "route", "get", address])).rejects.toThrow(/No route to host/);
    }
    await expect(cluster.runOnNode("node1", "ip", "route", "get", "192.0.2.1")).rejects.toThrow(
      /unreachable/i,
    );
  });

  test("a network policy is enforced, and its end as well", async () => {
    const url = `http://${await podIp("web2")}:8080`;
    const isAnswered = async (): Promise<boolean> => (await fetchFrom("web1", url)) === "web2";
    await cluster.apply(denyAll);
    await until("the policy is enforced", async () => !(await isAnswered()), { timeoutMs: 30_000 });
    await cluster.kubectl("delete", "networkpolicy", "closed");
    await until("the policy is gone", isAnswered, { timeoutMs: 30_000 });
  });
});

describe("nodes", { timeout: 180_000 }, () => {
  test("the cluster notices a power cut, and the node comes back with its pods", async () => {
    await cluster.powerCutNode("node2");
    expect(await fetchFromHost(`http://${cluster.nodes[1]?.address}:10250`)).toBeUndefined();
    await until("node2 is missed", async () => (await readyStatus("node2")) === "Unknown", {
      timeoutMs: 60_000,
    });
    await cluster.startNode("node2");
    expect(await readyStatus("node2")).toBe("True");
    await until("web2 answers", async () => (await fetchFrom("web1", "http://web2")) === "web2", {
      timeoutMs: 60_000,
    });
    expect(await restartsOf("web2")).toBeGreaterThan(0);
  });

  test("a node that is cut off lives on, and is itself again when it is reconnected", async () => {
    await cluster.cutNode("node2");
    await until("node2 is missed", async () => (await readyStatus("node2")) === "Unknown", {
      timeoutMs: 60_000,
    });
    expect(await fetchFromHost(`http://${cluster.nodes[1]?.address}:${nodePort}`)).toBeUndefined();
    const kubelet = cluster.nodes[1]?.processes.find((spec) => spec.name === "node2/kubelet");
    expect(await isRunning(kubelet?.recordPath ?? "")).toBe(true);
    await cluster.reconnectNode("node2");
    await until("node2 is back", async () => (await readyStatus("node2")) === "True", { timeoutMs: 60_000 });
    const url = `http://${cluster.nodes[1]?.address}:${nodePort}`;
    await until("web2 answers", async () => (await fetchFromHost(url)) === "web2", { timeoutMs: 60_000 });
  });

  test("a stopped node has asked its containers to end", async () => {
    await cluster.stopNode("node1");
    expect(
      await Promise.all(cluster.nodes[0]?.processes.map((spec) => isRunning(spec.recordPath)) ?? []),
    ).not.toContain(true);
    await cluster.startNode("node1");
    // Until its kubelet has looked, the pod is said to be as it was before.
    await until("web1 runs anew", async () => (await restartsOf("web1")) > 0, { timeoutMs: 60_000 });
    await waitForPods();
    expect(await cluster.kubectl("logs", "web1", "--previous")).toContain("asked to end");
  });

  test("a paused scheduler schedules nothing until it is resumed", async () => {
    await cluster.pauseProcess("kube-scheduler");
    const pod = JSON.parse(webPod("late", "")) as { spec: { nodeName?: string } };
    delete pod.spec.nodeName;
    await cluster.apply(JSON.stringify(pod));
    await expect(
      cluster.kubectl("wait", "--for=condition=PodScheduled", "pod/late", "--timeout=2s"),
    ).rejects.toThrow(/timed out/);
    await cluster.resumeProcess("kube-scheduler");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/late", "--timeout=60s");
  });

  test("a word that names nothing is answered with the names that there are", async () => {
    await expect(cluster.startNode("node3")).rejects.toThrow(
      'Cannot find node "node3": there are node1, node2',
    );
    expect(() => cluster.pauseProcess("node1/kubelt")).toThrow("node1/kubelet");
  });
});

describe("healing", { timeout: 180_000 }, () => {
  test("after everything was killed at once, the same call makes it whole, with what was in it", async () => {
    for (const pid of await allPids()) sendSignal(pid, "SIGKILL");
    // The kernel takes its time for an API server's memory.
    await expect.poll(allPids).toEqual([]);
    cluster = await createCluster({ name });
    expect(await readyStatus("node1")).toBe("True");
    expect(await cluster.kubectl("get", "service", "web2", "-o", "name")).toBe("service/web2\n");
    await cluster.apply(webPod("web1", "node1"));
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/web1", "--timeout=60s");
    expect(await fetchFrom("web1", "http://localhost:8080")).toBe("web1");
  });

  test("a cluster that is well is left as it is", async () => {
    const before = await allPids();
    await createCluster({ name });
    const after = new Set(await allPids());
    const specs = [...cluster.controlPlane.processes, ...cluster.nodes.flatMap((node) => node.processes)];
    const roots = await Promise.all(specs.map((spec) => runningPid(spec.recordPath)));
    expect(roots.every((pid) => pid !== undefined && before.includes(pid) && after.has(pid))).toBe(true);
  });

  test("half a network is made whole", async () => {
    await run(["ip", "netns", "del", `sse-${name}-plane`]);
    await run(["ip", "netns", "del", `sse-${name}-lan`]);
    cluster = await createCluster({ name });
    expect(await readyStatus("node2")).toBe("True");
  });
});

test("down leaves no process, namespace, mount, link, route, control group or file", async () => {
  await cluster.forward(nodePort, nodePort);
  const pids = await allPids();
  expect(pids.length).toBeGreaterThan(20);
  expect((await traces()).length).toBeGreaterThan(5);
  expect((await waysIn()).length).toBeGreaterThan(1);
  await cluster.down();
  expect(await traces()).toEqual([]);
  expect(await waysIn()).toEqual([]);
  const alive = await Promise.all(
    pids.map((pid) => readFile(join("/proc", String(pid), "stat"), "utf8").catch(() => "")),
  );
  expect(alive.filter((line) => line !== "" && !line.includes(") Z "))).toEqual([]);
  expect(await openCluster(name)).toBeUndefined();
  await cluster.down();
});
