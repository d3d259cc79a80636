/** What a service may cost the API server from its creation to its end, as docs/api-requests.md promises it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OperatorRig, startOperatorRig } from "./operator-rig.ts";

/** Of one row of the table: the resource, and at most how many writes each step of the life makes. */
type Budget = Readonly<Record<Step, Readonly<Record<string, number>>>>;
type Step = "created" | "Ready" | "scaled" | "renewed" | "edited" | "deleted";

const BUDGET = parseBudget(readFileSync(join(import.meta.dirname, "../../docs/api-requests.md"), "utf8"));

let rig: OperatorRig;

beforeAll(async () => {
  rig = await startOperatorRig("budget", { resyncMs: 1_000 });
  await rig.apply({}, "bystander");
});

afterAll(() => rig?.stop());

/** Rows like "| `configmaps` | 1 | 0 | ...", under a head that names the steps. */
function parseBudget(page: string): Budget {
  const rows = page.split("\n").filter((line) => /^\| (Written|`)/.test(line));
  const [head = [], ...body] = rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const steps = head.slice(1).map((step, index) => {
    const cells = body.map((cells): [string, number] => [
      (cells[0] ?? "").replaceAll("`", ""),
      Number(cells[index + 1]),
    ]);
    return [step, Object.fromEntries(cells)] as const;
  });
  return Object.fromEntries(steps) as Budget;
}

/** Writes of each resource while the step lasts, and until it has come to rest. */
async function writesDuring(step: () => Promise<void>): Promise<Record<string, number>> {
  const before = (await rig.writes()).length;
  await step();
  await rig.nextRuns(3);
  const counts: Record<string, number> = {};
  const ofDemo = (await rig.writes()).slice(before).filter(({ name }) => /^demo\b/.test(name));
  for (const { resource } of ofDemo) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
}

const LIFE: readonly [Step, () => Promise<void>][] = [
  [
    "created",
    async () => {
      await rig.apply({ replicas: 2 });
      await rig.plane.kubectl("wait", "--for=create", "poddisruptionbudget/demo", "--timeout=20s");
    },
  ],
  ["Ready", () => settle()],
  [
    "scaled",
    async () => {
      await rig.apply({ replicas: 3 });
      await rig.waitFor("deployment/demo", "{.spec.replicas}", "3");
      await settle();
    },
  ],
  ["renewed", () => rig.putNode("192.0.2.9")],
  [
    "edited",
    async () => {
      await rig.apply({ replicas: 3, stream: { heartbeatSeconds: 9 } });
      await expect
        .poll(() => rig.get("configmap/demo-config", "{.data.runtime\\.json}"))
        .toContain('"heartbeatSeconds": 9');
      await settle();
    },
  ],
  ["deleted", () => rig.remove("demo")],
];

async function settle(): Promise<void> {
  const ready = { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 };
  await rig.patch("statefulset/demo-backplane", { status: ready }, "--subresource=status");
  await rig.settle();
}

test("a whole life writes no more than the page promises, step by step", { timeout: 180_000 }, async () => {
  for (const [step, live] of LIFE) {
    const writes = await writesDuring(live);
    const over = Object.entries(writes).filter(
      ([resource, count]) => count > (BUDGET[step]?.[resource] ?? 0),
    );
    expect.soft(over, `written beyond the budget while it was ${step}`).toEqual([]);
  }
});
