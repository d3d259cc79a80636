/** The monitoring objects as shipped, against prometheus-operator's own definitions in a real API server. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { goModuleFolder } from "#cluster/go-modules.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";

const MODULE = "github.com/prometheus-operator/prometheus-operator";
const DEFINITIONS = ["podmonitors", "prometheusrules"].map((name) => `${name}.monitoring.coreos.com`);
const SHIPPED = join(import.meta.dirname, "..", "..", "deploy", "monitoring");

let plane: ControlPlane;

beforeAll(async () => {
  const folder = join(await goModuleFolder("prometheus-operator", MODULE), "example/prometheus-operator-crd");
  plane = await startControlPlane({ name: "monitoring" });
  for (const definition of DEFINITIONS) {
    const [plural = ""] = definition.split(".");
    const file = join(folder, `monitoring.coreos.com_${plural}.yaml`);
    await plane.kubectl("apply", "--server-side", "-f", file);
    await plane.kubectl("wait", "--for=condition=Established", `crd/${definition}`, "--timeout=30s");
  }
  await plane.kubectl("create", "namespace", "sse-operator");
});

afterAll(() => plane?.stop());

test.each([
  ["pod-monitors.yaml", ["podmonitor", "podmonitor"]],
  ["alerts.yaml", ["prometheusrule"]],
  ["dashboard.yaml", ["configmap"]],
])("%s is taken whole", async (file, kinds) => {
  const said = await plane.apply(await readFile(join(SHIPPED, file), "utf8"));
  expect(said.trim().split("\n")).toHaveLength(kinds.length);
  for (const kind of kinds) expect(said).toContain(kind);
});

test("a field that prometheus-operator does not know is refused", async () => {
  const manifest = await readFile(join(SHIPPED, "pod-monitors.yaml"), "utf8");
  await expect(plane.apply(manifest.replace("honorLabels", "honourLabels"))).rejects.toThrow(
    "spec.podMetricsEndpoints[0].honourLabels: field not declared in schema",
  );
});
