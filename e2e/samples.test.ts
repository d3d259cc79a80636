/** Each sample as a user applies it: it becomes Ready, and what is published comes back over HTTP/2 from every node. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { listSamples } from "#tools/samples.ts";
import { openH2Client } from "./h2-client.ts";
import { openWorld, type World } from "./world.ts";

const samples = await listSamples();

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

test("there are samples", () => {
  expect(readdirSync(join(import.meta.dirname, "../samples"))).toHaveLength(samples.length);
});

describe.each(samples.flatMap(({ file, names }) => names.map((name) => ({ file, name }))))(
  "$file",
  ({ file, name }) => {
    beforeAll(async () => {
      await world.cluster.kubectl("apply", "-f", file);
      await world.waitUntilReady(name);
    });

    test("streams through every node what is published through any", async () => {
      const ca = await world.authority(name);
      const isOpen = (await world.read(`sse/${name}`, "{.spec.access.publish}")) === "Anyone";
      const credentials = isOpen ? {} : { token: await world.token(name) };
      const clients = await Promise.all((await world.urls(name)).map((url) => openH2Client(url, ca)));
      const streams = await Promise.all(clients.map((client) => client.subscribe()));
      for (const [index, client] of clients.entries()) {
        expect(client.protocol).toBe("h2");
        const data = `from node ${index}\nwith a second line`;
        const id = await client.publish(data, credentials);
        for (const stream of streams) {
          expect(await stream.find((event) => event.id === id)).toMatchObject({ data });
        }
      }
      await Promise.all(clients.map((client) => client.close()));
    });

    test("is shown by kubectl", async () => {
      const [, row = ""] = (await world.cluster.kubectl("get", "sseservices", name)).split("\n");
      expect(row).toMatch(
        new RegExp(`^${name} +([12])/\\1 +\\d* +https://\\d+\\.\\d+\\.\\d+\\.\\d+:\\d+ +\\d+`),
      );
    });

    test("refuses to publish without the token unless anyone may", async () => {
      const isOpen = (await world.read(`sse/${name}`, "{.spec.access.publish}")) === "Anyone";
      const client = await world.client(name);
      const answer = await client.request("POST", "/submit", { "content-type": "text/plain" }, "hello");
      expect(answer.status).toBe(isOpen ? 200 : 401);
      await client.close();
    });
  },
);

test("bad input through the sidecar gets the runtime's own words", async () => {
  const client = await world.client("jobs");
  const headers = { "content-type": "text/plain" };
  const [tooLarge, badTopic, badText] = await Promise.all([
    client.request("POST", "/submit", headers, "x".repeat(65_537)),
    client.request("POST", "/submit?topic=a%0Ab", headers, "x"),
    client.request("POST", "/submit", headers, Buffer.from([0xff, 0xfe])),
  ]);
  expect(tooLarge.status).toBe(413);
  expect(badTopic.status).toBe(400);
  expect(badText.status).toBe(400);
  for (const { body } of [tooLarge, badTopic, badText]) {
    expect(JSON.parse(body)).toMatchObject({
      error: { code: expect.any(String), message: expect.any(String) },
    });
  }
  await client.close();
});
