/** Every way to install the operator, on a real API server: what it puts there, and that its rights are enough. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { buildPrograms } from "#cluster/build.ts";
import { run } from "#cluster/commands.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { namespacedOptions } from "#operator/install/options.ts";
import { RELEASE } from "#operator/install/release.ts";
import { runInstalledOperator } from "./installed-operator.ts";

const ROOT = join(import.meta.dirname, "../..");
const CHART = join(ROOT, "charts/sse-operator");
const CRD = "crd/sseservices.sse-operator.dev";

let plane: ControlPlane;
let folder: string;
let helmPath: string;

beforeAll(async () => {
  helmPath = join(await buildPrograms("helm"), "helm");
  folder = await mkdtemp(join(tmpdir(), "install-"));
  plane = await startControlPlane({ name: "install", controllers: false });
});
afterAll(async () => {
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** With nothing of the machine's own settings or caches. */
function helm(...words: readonly string[]): Promise<string> {
  const env = { HELM_CONFIG_HOME: folder, HELM_CACHE_HOME: folder, HELM_DATA_HOME: folder };
  return run([helmPath, ...words, "--kubeconfig", plane.kubeconfigPath], { env });
}

async function applyService(namespace: string, name: string): Promise<void> {
  await plane.kubectl("wait", "--for=condition=Established", CRD);
  await plane.apply(
    JSON.stringify({
      apiVersion: "sse-operator.dev/v1alpha1",
      kind: "SseService",
      metadata: { name, namespace },
    }),
  );
}

/** An operator with the rights and the environment of the installation serves it. */
async function expectServed(operatorNamespace: string, namespace: string, name: string): Promise<void> {
  await applyService(namespace, name);
  const operator = await runInstalledOperator(plane, operatorNamespace);
  await plane.kubectl("wait", "--for=create", `deployment/${name}`, `--namespace=${namespace}`);
  await plane.kubectl(
    "wait",
    "--for=jsonpath={.status.observedGeneration}=1",
    `sse/${name}`,
    `--namespace=${namespace}`,
  );
  await operator.stop();
}

/** Whether the object is there: `deployment/x -n shop`. */
async function exists(target: string): Promise<boolean> {
  return (await plane.kubectl("get", ...target.split(" "), "--ignore-not-found", "-o", "name")) !== "";
}

describe("install --namespace", () => {
  test.each([true, false])(
    "needs no right elsewhere, and serves it alone (nodes followed: %s)",
    async (nodes) => {
      const namespace = nodes ? "with-nodes" : "alone";
      await plane.kubectl("create", "namespace", namespace);
      const items = buildInstallManifests(namespacedOptions(RELEASE, namespace, nodes));
      await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
      await applyService("default", "foreign");
      await expectServed(namespace, namespace, "demo");
      expect(await plane.kubectl("get", "deployments", "--namespace=default", "-o", "name")).toBe("");
      await plane.kubectl("delete", CRD);
    },
  );
});

describe("helm", () => {
  const install = (...more: string[]) =>
    helm("upgrade", "--install", "sse", CHART, "--namespace", "helm", "--create-namespace", ...more);

  test.each([
    ["the cluster", [], { ...RELEASE, namespace: "helm" }],
    ["one namespace", ["--set", "watchNamespace=helm"], namespacedOptions(RELEASE, "helm", true)],
    [
      "one namespace without the nodes",
      ["--set", "watchNamespace=helm,followNodes=false"],
      namespacedOptions(RELEASE, "helm", false),
    ],
  ])("makes the same objects as every other installation, for %s", async (_, values, options) => {
    const templated = parse(await helm("template", "sse", CHART, "-n", "helm", ...values)).map(comparable);
    const manifests = buildInstallManifests(options).filter(({ kind }) => kind !== "Namespace");
    const byName = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
    expect(templated.sort(byName)).toEqual(manifests.map(comparable).sort(byName));
  });

  test("brings the monitoring objects as they are in deploy/monitoring", async () => {
    const set = ["--set", "monitoring.podMonitors=true,monitoring.alerts=true"];
    const templated = parse(await helm("template", "sse", CHART, "-n", "sse-operator", ...set));
    for (const file of ["pod-monitors.yaml", "alerts.yaml"]) {
      for (const object of parse(await readFile(join(ROOT, "deploy/monitoring", file), "utf8"))) {
        const { namespace: _, ...metadata } = object.metadata;
        expect(templated).toContainEqual({ ...object, metadata });
      }
    }
  });

  test(
    "installs, upgrades and uninstalls; the definition and the services stay",
    { timeout: 120_000 },
    async () => {
      await install();
      await expectServed("helm", "default", "helmed");
      const uid = await plane.kubectl("get", "sse/helmed", "-o", "jsonpath={.metadata.uid}");

      await install("--set", "replicas=3,logLevel=debug");
      const path = '{.spec.replicas} {.spec.template.spec.containers[0].env[?(@.name=="LOG_LEVEL")].value}';
      expect(
        await plane.kubectl("get", "deployment/sse-operator", "-n", "helm", "-o", `jsonpath=${path}`),
      ).toBe("3 debug");

      await helm("uninstall", "sse", "--namespace", "helm");
      expect(await exists("deployment/sse-operator -n helm")).toBe(false);
      expect(await exists("clusterrole/sse-operator")).toBe(false);
      expect(await exists(CRD)).toBe(true);
      expect(await plane.kubectl("get", "sse/helmed", "-o", "jsonpath={.metadata.uid}")).toBe(uid);
      expect(await exists("deployment/helmed")).toBe(true);

      await install("--set", "watchNamespace=helm,followNodes=false");
      await expectServed("helm", "helm", "again");
      await helm("uninstall", "sse", "--namespace", "helm");
      await plane.kubectl("delete", CRD);
    },
  );

  test.each([
    ["replicas=0", "replicas"],
    ["replica=2", "replica"],
    ["logLevel=loud", "logLevel"],
    ["watchNamespace=A", "watchNamespace"],
    ["images.operator=", "operator"],
    ["networkPolicy.apiServerPorts={0}", "apiServerPorts"],
    ["crd.install=yes", "install"],
  ])("refuses the value %s, and names it", async (value, name) => {
    await expect(helm("template", "sse", CHART, "--set", value)).rejects.toThrow(name);
  });
});

describe("kubectl apply -k", () => {
  const base = (name: string) => relative(folder, join(ROOT, "deploy/kustomize", name));

  async function writeOverlay(kustomization: object): Promise<void> {
    const header = { apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" };
    await writeFile(join(folder, "kustomization.yaml"), stringify({ ...header, ...kustomization }));
  }

  test("installs for the cluster", async () => {
    await writeOverlay({ resources: [base("cluster")] });
    await plane.kubectl("apply", "--server-side", "-k", folder);
    await expectServed("sse-operator", "default", "kustomized");
    await plane.kubectl("delete", "clusterrole,clusterrolebinding", "sse-operator");
  });

  test("installs for the namespace of an overlay, with the overlay's image", async () => {
    await plane.kubectl("create", "namespace", "overlay");
    const images = [
      { name: "docker.io/sse-operator/operator", newName: "example.com/operator", newTag: "7" },
    ];
    await writeOverlay({ resources: [base("namespaced")], namespace: "overlay", images });
    await plane.kubectl("apply", "--server-side", "-k", folder);
    await expectServed("overlay", "overlay", "kustomized");
    const image = "jsonpath={.spec.template.spec.containers[0].image}";
    expect(await plane.kubectl("get", "deployment/sse-operator", "-n", "overlay", "-o", image)).toBe(
      "example.com/operator:7",
    );
  });
});

/** A template that is switched off leaves an empty document. */
function parse(text: string): { metadata: object & { namespace?: string } }[] {
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? []);
}

/** Without what only the chart sets, and what says nothing. */
function comparable(object: object): { key: string } {
  const text = JSON.stringify(object, (name, value: unknown) => {
    if (name === "helm.sh/resource-policy" || value === "") return undefined;
    const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    return isEmpty && !["namespaceSelector", "default"].includes(name) ? undefined : value;
  });
  const { kind, metadata, ...rest } = JSON.parse(text);
  if (Object.keys(metadata.annotations ?? {}).length === 0) delete metadata.annotations;
  const container = rest.spec?.template?.spec?.containers[0];
  // The chart always says these, and their absence means the same.
  const isScope = ({ name }: { name: string }) =>
    !["WATCH_NAMESPACE", "FOLLOW_NODES", "LOG_LEVEL"].includes(name);
  if (container !== undefined) container.env = container.env.filter(isScope);
  return { key: `${kind}/${metadata.name}`, metadata, ...rest };
}
