/** The contract on real servers of each supported version; each harness is a service of its own there. */
import { afterAll, beforeAll, describe } from "vitest";
import type { Backplane } from "#runtime/broker/backplane.ts";
import type { RedisProgram } from "#runtime/test/redis-programs.ts";
import { openPubSubPod, openStreamsPod, type PodOptions } from "#runtime/test/redis-pods.ts";
import { APPEND_ONLY, RedisServer } from "#runtime/test/redis-server.ts";
import { describeBackplane, LogRecorder, type BackplaneHarness } from "./contract.ts";

type OpenPod = (options: PodOptions) => Promise<Backplane>;

let services = 0;

function createHarness(server: RedisServer, openPod: OpenPod): BackplaneHarness {
  const service = `service-${services++}`;
  const opened: Backplane[] = [];
  return {
    async open() {
      const backplane = await openPod({ url: server.url, service });
      opened.push(backplane);
      return backplane;
    },
    async forgetKeys() {
      const keys = (await server.command("KEYS", `*{${service}}:key:*`)) as string[];
      for (const key of keys) await server.command("PEXPIREAT", key, "1");
    },
    async stop() {
      await Promise.all(opened.map((backplane) => backplane.close()));
    },
  };
}

/** As every pod does: what nobody listens to is refused. */
async function openListeningPod(options: PodOptions): Promise<Backplane> {
  const backplane = await openPubSubPod(options);
  await backplane.follow(new LogRecorder());
  return backplane;
}

describe.each<RedisProgram>(["redis-7", "redis-8", "valkey-8"])("%s", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start(program, APPEND_ONLY);
  });
  afterAll(() => server.dispose());

  describeBackplane("Streams", async () => createHarness(server, openStreamsPod));
  describeBackplane("Pub/Sub", async () => createHarness(server, openListeningPod), { keepsHistory: false });
});
