/** One stream on every pod of a service, whatever connections the Service happens to spread where. */
import { expect } from "vitest";
import type { H2Client } from "./h2-client.ts";
import { podsOf, type World } from "./world.ts";

const MAX_CONNECTIONS = 60;

export interface EveryPod {
  /** Several of them may lead to one pod. */
  readonly clients: readonly H2Client[];
  /** Of each pod the ids that came, so far, in their order. */
  readonly received: ReadonlyMap<string, readonly string[]>;
  close(): Promise<void>;
}

export async function openOnEveryPod(world: World, name: string): Promise<EveryPod> {
  const names = (await world.read(podsOf(name), "{.items[*].metadata.name}")).split(" ");
  const received = new Map<string, string[]>();
  const clients: H2Client[] = [];
  while (clients.length < MAX_CONNECTIONS && received.size < names.length) {
    const client = await world.client(name);
    clients.push(client);
    const stream = await client.subscribe({ hello: true });
    const { data } = await stream.find(({ event }) => event === "hello");
    const ids: string[] = [];
    received.set(JSON.parse(data).pod, ids);
    stream.onEvent(({ id }) => id !== undefined && ids.push(id));
  }
  expect([...received.keys()].sort()).toEqual(names.sort());
  return {
    clients,
    received,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Publishes through one connection after the other, and waits until every pod has given all of it in one order. */
export async function expectOneOrder({ clients, received }: EveryPod, events: number): Promise<void> {
  const published: string[] = [];
  for (let number = 0; number < events; number++) {
    published.push((await clients[number % clients.length]?.publish(`${number}`)) ?? "");
  }
  for (const ids of received.values()) {
    await expect.poll(() => ids.length, { timeout: 10_000 }).toBe(published.length);
    expect(ids).toEqual(published);
  }
}
