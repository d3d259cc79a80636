/** The operator as a whole, on a cluster in memory: what it tells on its port. */
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startOperator } from "./run.ts";
import { createFakeCluster, type FakeCluster } from "./test/fake-cluster.ts";
import { images, resource } from "./test/fixtures.ts";

async function start(cluster: FakeCluster) {
  const operator = await startOperator({
    cluster,
    config: {
      images,
      watchNamespace: undefined,
      followsNodes: true,
      ownNamespace: "sse-operator",
      identity: "test",
      metricsPort: 0,
      logLevel: "silent",
    },
    log: pino({ level: "silent" }),
  });
  onTestFinished(() => operator.stop());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${operator.healthPort}${path}`, {
      headers: { connection: "close" },
    });
    return `${response.status} ${await response.text()}`;
  };
  return { operator, get };
}

test("lives from the start, and is ready when every watch has synced", async () => {
  const cluster = createFakeCluster();
  const { sync } = cluster.holdWatches();
  const { get } = await start(cluster);
  expect(await get("/healthz")).toBe("200 ok\n");
  expect(await get("/readyz")).toBe("503 the first sync of the watches is not finished\n");
  sync();
  expect(await get("/readyz")).toBe("200 ok\n");
});

test("does not live while a watch hangs", async () => {
  const cluster = createFakeCluster();
  const { get } = await start(cluster);
  cluster.hangWatches(10 * 60_000);
  expect(await get("/healthz")).toBe("503 the watch of SseService has done nothing for 600000 ms\n");
});

test("measures its work once it leads", async () => {
  const cluster = createFakeCluster();
  cluster.put(resource());
  const { operator, get } = await start(cluster);
  expect(await get("/metrics")).toContain('leader_election_master_status{name="sse-operator"} 0');
  await operator.lead();
  await expect
    .poll(() => get("/metrics"))
    .toMatch(/^controller_runtime_reconcile_total\{controller="sseservice",result="success"\} [1-9]/m);
  const text = await get("/metrics");
  for (const line of [
    'leader_election_master_status{name="sse-operator"} 1',
    'sse_operator_writes_total{kind="Deployment",reason="missing"} 1',
    'sse_operator_watch_synced{kind="SseService"} 1',
    'sse_operator_condition{namespace="shop",name="demo",type="CertificateReady",status="True"',
    'sse_operator_certificate_expiration_timestamp_seconds{namespace="shop",name="demo"}',
  ]) {
    expect(text).toContain(line);
  }
});
