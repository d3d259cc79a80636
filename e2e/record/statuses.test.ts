/** Every status of every SseService in the tests of the real cluster, as the API server answered each write. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { AuditedCall } from "#cluster/audit-log.ts";
import { KIND, PLURAL } from "#operator/sseservice/spec.ts";
import { SseServiceStatusSchema } from "#operator/sseservice/status-schema.ts";
import { findViolations } from "#operator/test/status-rules.ts";
import { readRecord } from "./record.ts";

/** A deletion is answered with a Status. */
const OfKind = z.object({ kind: z.literal(KIND) });

const Version = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    generation: z.int(),
    resourceVersion: z.coerce.bigint(),
  }),
  status: SseServiceStatusSchema.optional(),
});
type Version = z.output<typeof Version>;

/** Each from its creation on; of several with one name, each has a life of its own. */
function livesOf(calls: readonly AuditedCall[]): Map<string, Version[]> {
  const versions = calls
    .filter(({ resource, code }) => resource.split("/")[0] === PLURAL && code < 300)
    .filter(({ answer }) => OfKind.safeParse(answer).success)
    .map(({ answer }) => Version.parse(answer))
    .sort((a, b) => Number(a.metadata.resourceVersion - b.metadata.resourceVersion));
  return Map.groupBy(versions, ({ metadata }) => `${metadata.namespace}/${metadata.name} ${metadata.uid}`);
}

test("the status tells the truth at every moment of every life", async () => {
  const lives = livesOf(await readRecord());
  const isReady = ({ status }: Version) =>
    status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
  expect([...lives.values()].filter((life) => life.some(isReady)).length).toBeGreaterThan(5);
  for (const [name, life] of lives) {
    const moments = life.map(({ metadata, status }) => ({ generation: metadata.generation, status }));
    expect(findViolations(moments), name).toEqual([]);
  }
});
