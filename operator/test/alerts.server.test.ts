/** The alerts as shipped, evaluated by Prometheus itself: each fires when it should, and not for what is nearly as bad. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { buildPrograms } from "#cluster/build.ts";
import { run } from "#cluster/commands.ts";
import { type AlertCase, ALERT_CASES } from "./alert-cases.ts";

const SHIPPED = join(import.meta.dirname, "..", "..", "deploy", "monitoring", "alerts.yaml");

const Texts = z.record(z.string(), z.string());
const Rule = z.object({ alert: z.string(), labels: Texts, annotations: Texts });
const Group = z.looseObject({ rules: z.array(Rule.loose()) });
const PrometheusRule = z.object({ spec: z.looseObject({ groups: z.array(Group) }) });

let promtool: string;
let folder: string;
let rules: readonly z.output<typeof Rule>[];

beforeAll(async () => {
  promtool = join(await buildPrograms("prometheus"), "promtool");
  folder = await mkdtemp(join(tmpdir(), "alerts-"));
  const { spec } = PrometheusRule.parse(parse(await readFile(SHIPPED, "utf8")));
  rules = spec.groups.flatMap((group) => group.rules);
  await writeFile(join(folder, "rules.yaml"), JSON.stringify(spec));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Rejects with what promtool says of the first difference. */
async function evaluate(samples: AlertCase["bad"], expectations: object): Promise<string> {
  const input_series = Object.entries(samples).map(([series, values]) => ({ series, values }));
  const tests = [{ interval: "1m", input_series, ...expectations }];
  const path = join(folder, "tests.yaml");
  await writeFile(path, JSON.stringify({ rule_files: ["rules.yaml"], evaluation_interval: "1m", tests }));
  return run([promtool, "test", "rules", path]);
}

test("every alert has its case", () => {
  expect(rules.map(({ alert }) => alert)).toEqual(ALERT_CASES.map(({ alert }) => alert));
});

test.each(ALERT_CASES)("$alert tells of trouble, in its minute", async (each) => {
  const { alert, bad, firesAt, labels, summary } = each;
  const rule = rules.find((candidate) => candidate.alert === alert);
  const told = {
    exp_labels: { ...rule?.labels, ...labels },
    exp_annotations: { ...rule?.annotations, summary },
  };
  const said = await evaluate(bad, {
    alert_rule_test: [
      { alertname: alert, eval_time: `${firesAt - 1}m`, exp_alerts: [] },
      { alertname: alert, eval_time: `${firesAt}m`, exp_alerts: [told] },
    ],
  });
  expect(said).toContain("SUCCESS");
});

test.each(ALERT_CASES)("$alert bears what passes", async ({ alert, bearable }) => {
  const ever = `max_over_time(ALERTS{alertname="${alert}",alertstate="firing"}[90m])`;
  const said = await evaluate(bearable, {
    promql_expr_test: [{ expr: ever, eval_time: "90m", exp_samples: [] }],
  });
  expect(said).toContain("SUCCESS");
});
