/** How a server is reached: as a user with few rights, over TLS, in a cluster; and one that is not let in. */
import { afterEach, expect, test } from "vitest";
import { recordPod } from "#runtime/test/recorded-pod.ts";
import {
  createStreamsPod,
  openPubSubPod,
  openStreamsPod,
  untilUp,
  type PodOptions,
} from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, freePort, RedisServer, type RedisSettings } from "#runtime/test/redis-server.ts";
import { createSelfSigned } from "#runtime/test/self-signed.ts";
import { batchOf, store } from "./contract.ts";
import type { Log } from "./redis/log.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startServer(settings: RedisSettings = {}): Promise<RedisServer> {
  const server = await RedisServer.start("valkey-8", { ...APPEND_ONLY, ...settings });
  cleanUps.push(() => server.dispose());
  return server;
}

function recordFailures(failures: string[]): Log {
  return { info: () => {}, warn: (fields) => void failures.push("err" in fields ? String(fields.err) : "") };
}

/** Publishes with a key and reads it back, in both modes. */
async function expectUsable(options: PodOptions): Promise<void> {
  for (const open of [openStreamsPod, openPubSubPod]) {
    const pod = await recordPod(open({ ...options, service: open.name }));
    cleanUps.push(pod.close);
    await store(pod.backplane, { ...batchOf("1"), key: "key" });
    expect((await pod.reader.waitFor(1)).data).toEqual(["1"]);
  }
}

test("the rights that the documentation asks for are enough", async () => {
  const server = await startServer();
  const rights = "~test:* &test:* +@read +@write +@scripting +@pubsub +@connection +time +info +memory|usage";
  await server.command("ACL", "SETUSER", "app", "on", ">secret", ...rights.split(" "));
  await expectUsable({ url: server.url.replace("//", "//app:secret@") });
  expect(await server.command("ACL", "DRYRUN", "app", "WAIT", "1", "0")).toBe("OK");
});

test("without the right to INFO it works, and says what it does not know", async () => {
  const server = await startServer();
  await server.command("ACL", "SETUSER", "app", "on", ">secret", "~*", "&*", "+@all", "-info");
  const pod = await openStreamsPod({ url: server.url.replace("//", "//app:secret@") });
  cleanUps.push(() => pod.close());
  await store(pod, batchOf("1"));
  expect(pod.health().problems).toEqual([expect.stringContaining("INFO")]);
});

test("a password that is refused: down, and up as soon as it is the right one", async () => {
  const server = await startServer();
  await server.command("CONFIG", "SET", "requirepass", "right");
  let password = "wrong";
  const failures: string[] = [];
  const pod = createStreamsPod({
    url: "",
    server: {
      readUrl: async () => server.url.replace("//", `//:${password}@`),
      readCa: async () => undefined,
      answerTimeoutMs: 1_500,
    },
    log: recordFailures(failures),
  });
  cleanUps.push(() => pod.close());
  await expect.poll(() => failures).toEqual([expect.stringMatching(/WRONGPASS/)]);
  const words = [expect.stringMatching(/^The server cannot be used: .*WRONGPASS/)];
  expect(pod.health()).toMatchObject({ state: "down", problems: words });
  expect(await pod.append(batchOf("1"))).toMatchObject({ kind: "refused" });
  password = "right";
  await untilUp(pod);
  expect(pod.health().problems).not.toEqual(words);
  await store(pod, batchOf("1"));
});

test("over TLS, with a certificate authority of its own", async () => {
  const { keyFile, certificateFile, certificate, dispose } = await createSelfSigned();
  cleanUps.push(dispose);
  const tlsPort = await freePort();
  await startServer({
    "tls-port": `${tlsPort}`,
    "tls-cert-file": certificateFile,
    "tls-key-file": keyFile,
    "tls-auth-clients": "no",
  });
  const server = {
    readUrl: async () => `rediss://127.0.0.1:${tlsPort}`,
    readCa: async () => certificate,
    answerTimeoutMs: 1_500,
  };
  await expectUsable({ url: "", server });
  const failures: string[] = [];
  const untrusting = createStreamsPod({
    url: "",
    server: { ...server, readCa: async () => undefined },
    log: recordFailures(failures),
  });
  cleanUps.push(() => untrusting.close());
  await expect.poll(() => failures).toEqual([expect.stringMatching(/self-signed certificate/)]);
  expect(untrusting.health().problems).toEqual([
    expect.stringContaining("of no authority that is trusted here"),
  ]);
});

test("in a cluster, from a node that does not have the keys", async () => {
  const [first, second] = [
    await startServer({ "cluster-enabled": "yes" }),
    await startServer({ "cluster-enabled": "yes" }),
  ];
  await first.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await second.command("CLUSTER", "MEET", "127.0.0.1", `${first.port}`);
  const state = async (): Promise<string> => String(await second.command("CLUSTER", "INFO"));
  await expect.poll(state, { timeout: 20_000 }).toMatch(/cluster_state:ok/);
  await expectUsable({ url: `redis://127.0.0.1:1,127.0.0.1:${second.port}` });
  expect(await first.command("DBSIZE")).toBeGreaterThan(0);
});
