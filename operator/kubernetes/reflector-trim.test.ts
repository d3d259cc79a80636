import { expect, test } from "vitest";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { added, deleted, endOfInitial, modified, startRig, status } from "./reflector-rig.ts";

const trim = ({ metadata, ...object }: KubernetesObject) => ({
  ...object,
  metadata: { ...metadata, name: `${metadata.name}-trimmed` },
});

test("of each object that is streamed only what the query asks to keep is told", async () => {
  const rig = startRig({ trim });
  const stream = (await rig.transport.next()).open();
  stream.send(added("one", "3"), endOfInitial("4"), modified("one", "5"), deleted("one", "6"));
  expect(await rig.heard()).toBe("replaced one-trimmed@3");
  expect(await rig.heard()).toBe("changed one-trimmed@5");
  expect(await rig.heard()).toBe("deleted one-trimmed@6");
});

test("the same of one that is listed", async () => {
  const rig = startRig({ trim });
  (await rig.transport.next()).answer(422, status(422, "Invalid", "sendInitialEvents is forbidden"));
  await rig.interruption();
  const items = [{ metadata: { name: "one", resourceVersion: "3" } }];
  (await rig.transport.next()).answer(200, { metadata: { resourceVersion: "4" }, items });
  expect(await rig.heard()).toBe("replaced one-trimmed@3");
});
