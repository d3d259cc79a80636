/** `render` and `diff` beside what the operator does on a real API server; and what a new release of it changes there. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { parseCommandLine } from "#operator/cli/command-line.ts";
import { runCommand } from "#operator/cli/commands.ts";
import { UNKNOWN } from "#operator/cli/render.ts";
import { toYaml } from "#operator/install/yaml.ts";
import { buildCrd } from "#operator/sseservice/crd.ts";
import { type InstalledOperator, runInstalledOperator } from "./installed-operator.ts";
import { installProduct } from "./product.ts";

const KINDS =
  "configmaps,secrets,services,serviceaccounts,deployments,statefulsets,networkpolicies,poddisruptionbudgets";
const READS = ["get", "list", "watch"];
const CHILDREN_OF_PAIR = 7;

let plane: ControlPlane;
let operator: InstalledOperator;

beforeAll(async () => {
  plane = await startControlPlane({ name: "cli", controllers: false });
  await installProduct(plane);
  operator = await runInstalledOperator(plane, "sse-operator");
  await plane.apply(`${service("single")}---\n${service("pair", { replicas: 2 })}`);
  await waitFor("deployment/single");
  await waitFor("poddisruptionbudget/pair");
  await statusOf("single");
  await statusOf("pair");
});
afterAll(async () => {
  await operator?.stop();
  await plane?.stop();
});

function service(name: string, spec: object = {}, annotations: object = {}): string {
  const metadata = { name, namespace: "default", annotations };
  return `${JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec })}\n`;
}

function waitFor(target: string): Promise<string> {
  return plane.kubectl("wait", "--for=create", target, "--timeout=60s");
}

function statusOf(name: string): Promise<string> {
  return plane.kubectl(
    "wait",
    "--for=jsonpath={.status.observedGeneration}=1",
    `sse/${name}`,
    "--timeout=60s",
  );
}

/** The command line as a person uses it; `input` is what a pipe brings. */
async function cli(line: string, input = ""): Promise<{ code: number; out: string; err: string }> {
  const command = parseCommandLine(line.split(" "), {});
  if ("problem" in command || command.word === "run") throw new Error(`Cannot run "${line}" here`);
  const texts = { out: "", err: "" };
  const code = await runCommand(command, {
    read: async () => input,
    print: (text) => (texts.out += text),
    complain: (text) => (texts.err += text),
  });
  return { code, ...texts };
}

/** Changed lines without their indentation. */
async function diff(input?: string, options = ""): ReturnType<typeof cli> {
  const file = input === undefined ? "" : " -f -";
  const answer = await cli(`diff --kubeconfig ${plane.kubeconfigPath}${file}${options}`, input);
  return { ...answer, out: answer.out.replaceAll(/^( +[-+]) +/gm, "$1 ") };
}

/** Every child, with its version. The operator itself goes on writing status and events. */
function versions(): Promise<string> {
  const path = "{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{'\\n'}{end}";
  return plane.kubectl("get", KINDS, "-A", "-o", `jsonpath=${path}`);
}

describe("render", () => {
  test.each(["single", "pair"])("prints byte by byte what the operator applied for %s", async (name) => {
    const resource = await plane.kubectl("get", `sse/${name}`, "-o", "json");
    const { code, out } = await cli("render -f -", resource);
    expect(code).toBe(0);
    const rendered = out.split("---\n");
    const applied = [...operator.applied.values()].filter(
      ({ metadata }) => metadata.ownerReferences?.[0]?.name === name,
    );
    expect(rendered.length).toBe(applied.length);
    for (const [index, object] of applied.entries()) {
      const lines = toYaml([object]).split("\n");
      const expected = (rendered[index] ?? "").split("\n");
      const known = lines.map((line, at) => (expected[at]?.includes(UNKNOWN) ? expected[at] : line));
      expect(expected.join("\n")).toBe(known.join("\n"));
      // A secret that takes several lines is one line when it is hidden; nothing else may differ.
      expect(expected.length).toBe(lines.length);
    }
  });
});

describe("diff", () => {
  test("says that nothing would change while nothing would", async () => {
    expect(await diff()).toEqual({
      code: 0,
      out: "SseService default/pair: nothing would change\nSseService default/single: nothing would change",
      err: "",
    });
    expect((await diff(service("single"))).code).toBe(0);
  });

  test.each<[string, string, string[]]>([
    [
      "a setting that pods read at their start",
      service("single", { stream: { heartbeatSeconds: 7 } }),
      [
        "the pods of Deployment single would be replaced",
        '- "heartbeatSeconds": 15',
        '+ "heartbeatSeconds": 7',
      ],
    ],
    [
      "a setting that they don't",
      service("single", { service: { port: 8443 } }),
      ["no pod would be replaced", "change Service single"],
    ],
    ["more replicas", service("pair", { replicas: 3 }), ["no pod would be replaced", "+ replicas: 3"]],
    [
      "another backplane",
      service("pair", { backplane: { redis: { urlSecretRef: { name: "mine" } } }, replicas: 2 }),
      ["delete StatefulSet pair-backplane", "the pods of Deployment pair would be replaced"],
    ],
    [
      "less replicas than need a budget",
      service("pair", { replicas: 1 }),
      ["delete PodDisruptionBudget pair"],
    ],
    [
      "a new service",
      service("new"),
      ["create SseService new", "create Deployment new", "no pod would be replaced"],
    ],
  ])("foretells %s", async (_, file, words) => {
    const { code, out, err } = await diff(file);
    expect(err).toBe("");
    for (const word of words) expect(out).toContain(word);
    expect(code).toBe(1);
  });

  test("keeps the replicas that somebody has scaled to, when the file names none", async () => {
    await plane.kubectl("scale", "sse/pair", "--replicas=3");
    await plane.kubectl("wait", "--for=jsonpath={.spec.replicas}=3", "deployment/pair", "--timeout=60s");
    expect((await diff(service("pair", {}))).code).toBe(0);
    expect((await diff(service("pair", { replicas: 2 }))).out).toContain("- replicas: 3");
  });

  test("tells in the API server's words what it would refuse, and changes its exit status", async () => {
    const { code, err } = await diff(service("single", { service: { type: "ClusterIP", nodePort: 30_007 } }));
    expect(code).toBe(2);
    expect(err).toContain("remove nodePort");
  });

  test("tells of a stranger's object in the way", async () => {
    const stranger = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "late-config", namespace: "default" },
    };
    await plane.apply(JSON.stringify(stranger));
    expect((await diff(service("late"))).out).toContain(
      'it would stall: NotOwned: ConfigMap "late-config" exists',
    );
  });

  test("cannot tell without the right to ask", async () => {
    const kubeconfig = await plane.kubeconfig("nobody");
    const { code, err } = await cli(`diff --kubeconfig ${kubeconfig}`);
    expect(code).toBe(2);
    expect(err).toContain("forbidden");
  });

  test("before an upgrade says whose pods another image would replace, and leaves the rest alone", async () => {
    const { code, out } = await diff(undefined, " --valkey-image valkey:next");
    expect(code).toBe(1);
    expect(out).toContain(
      "default/pair: 1 object would change; the pods of StatefulSet pair-backplane would be replaced",
    );
    expect(out).toContain("default/single: nothing would change");
  });

  test("has never written anything", async () => {
    const before = await versions();
    await diff(undefined, " --runtime-image runtime:next");
    await diff(service("single", { replicas: 2 }) + `---\n${service("brand-new", {})}`);
    expect(await versions()).toBe(before);
    const audit = (await readFile(plane.auditLogPath, "utf8")).trimEnd().split("\n");
    const writes = audit
      .map((line) => JSON.parse(line))
      .filter(({ userAgent, verb }) => userAgent === "sse-operator-diff" && !READS.includes(verb));
    expect(writes.length).toBeGreaterThan(CHILDREN_OF_PAIR);
    expect(writes.filter(({ requestURI }) => !requestURI.includes("dryRun=All"))).toEqual([]);
  });
});

describe("a new release of the operator", () => {
  /** What only a changed pod template or a changed object moves. */
  async function state(): Promise<string> {
    const path =
      "{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion} {.metadata.generation}{'\\n'}{end}";
    return plane.kubectl("get", KINDS, "-n", "default", "-o", `jsonpath=${path}`);
  }

  test("with another image of its own touches nothing that it takes over", async () => {
    const before = await state();
    await operator.stop();
    await plane.kubectl(
      "set",
      "image",
      "deployment/sse-operator",
      "operator=operator:next",
      "-n",
      "sse-operator",
    );
    const seen = new Set<string>();
    operator = await runInstalledOperator(plane, "sse-operator", {
      observer: { finished: (key) => seen.add(key) },
    });
    await expect.poll(() => [...seen].sort()).toEqual(["default/pair", "default/single"]);
    expect(await state()).toBe(before);
  });

  test("whose definition has a new field with a default changes no object, and stalls nobody", async () => {
    const before = await state();
    const crd = structuredClone(buildCrd()) as {
      spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
    };
    const spec = crd.spec.versions[0]?.schema.openAPIV3Schema.properties["spec"];
    if (!spec) throw new Error("Cannot find the spec in the definition");
    spec.properties["novelty"] = { type: "string", default: "on" };
    await plane.apply(JSON.stringify(crd));
    await plane.kubectl("wait", "--for=jsonpath={.spec.novelty}=on", "sse/single", "--timeout=60s");
    await plane.kubectl("annotate", "sse/single", "example.com/touched=1");
    await plane.apply(service("later"));
    await waitFor("deployment/later");
    await statusOf("later");
    expect(
      await plane.kubectl(
        "get",
        "sse/later",
        "-o",
        "jsonpath={.status.conditions[?(@.type=='Stalled')].status}",
      ),
    ).toBe("False");
    expect(
      (await state())
        .split("\n")
        .filter((line) => !/later/.test(line))
        .join("\n"),
    ).toBe(before);
  });
});

interface Schema {
  readonly properties: Record<string, { properties: Record<string, object> }>;
}
