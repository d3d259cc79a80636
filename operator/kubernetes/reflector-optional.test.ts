import { describe, expect, test } from "vitest";
import { added, startRig, status, synced } from "./reflector-rig.ts";

describe("a kind that need not be installed", () => {
  const UNKNOWN = {
    ...status(404, "NotFound", "the server could not find the requested resource"),
    details: {},
  };

  test("is seen as empty, without a word of trouble, and looked for until it is there", async () => {
    const rig = startRig({ optional: true });
    (await rig.transport.next()).answer(404, UNKNOWN);
    expect(await rig.heard()).toBe("replaced");
    expect(rig.watch.health()).toMatchObject({ synced: true, interruptions: 0, relists: 0 });
    rig.clock.advance(20_000);
    await synced(rig, added("one", "3"));
    expect(rig.watch.health()).toMatchObject({ interruptions: 0 });
  });

  test("is seen as empty again when it is removed", async () => {
    const rig = startRig({ optional: true });
    const stream = await synced(rig, added("one", "3"));
    rig.clock.advance(5_000);
    stream.end();
    (await rig.transport.next()).answer(404, UNKNOWN);
    expect(await rig.heard()).toBe("replaced");
  });

  test("is trouble where it must be installed", async () => {
    const rig = startRig();
    (await rig.transport.next()).answer(404, UNKNOWN);
    expect((await rig.interruption()).error.kind).toBe("UnknownKind");
  });
});
