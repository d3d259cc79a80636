/** The CRD on a real API server: what it takes, what it refuses, and in which words. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { buildCrd } from "#operator/sseservice/crd.ts";
import { resource } from "./fixtures.ts";
import { JWT, REFUSED_SPECS } from "./refused-specs.ts";

const SAMPLES = join(import.meta.dirname, "../../samples");

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ name: "crd", controllers: false });
  await plane.apply(stringify(buildCrd()));
  await plane.kubectl(
    "wait",
    "--for=condition=Established",
    "crd/sseservices.sse-operator.dev",
    "--timeout=30s",
  );
});
afterAll(() => plane?.stop());

/** The API server's answer to a resource with this spec. */
async function answerTo(spec: object, name = "demo"): Promise<string> {
  const { apiVersion, kind } = resource();
  const text = stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, spec });
  return plane.apply(text).then(
    () => "accepted",
    (error: unknown) => String(error),
  );
}

describe("the API server refuses", () => {
  test.each(REFUSED_SPECS)("%s", async (_, spec, words) => {
    const answer = await answerTo(spec);
    for (const word of words) expect(answer).toContain(word);
  });

  test.each(["x".repeat(46), "a.b", "1st"])("the name %s", async (name) => {
    expect(await answerTo({}, name)).toContain("metadata.name must start with a letter");
  });
});

describe("the API server takes", () => {
  test.each(readdirSync(SAMPLES))("the sample %s", async (file) => {
    await plane.apply(readFileSync(join(SAMPLES, file), "utf8"));
  });

  test("tokens by URL and by Secret, and other pages' origins", async () => {
    const { jwksUrl: _, ...rest } = JWT;
    const byUrl = { publish: "Jwt", subscribe: "Jwt", jwt: JWT, corsOrigins: ["*"] };
    const hmac = { ...rest, keysSecretRef: { name: "mine" }, algorithms: ["HS256"] };
    const bySecret = {
      subscribe: "Jwt",
      jwt: hmac,
      corsOrigins: ["https://a.example", "http://localhost:3000"],
    };
    expect(await answerTo({ access: byUrl }, "by-url")).toBe("accepted");
    expect(await answerTo({ access: bySecret }, "by-secret")).toBe("accepted");
  });

  test("servers behind private authorities, from a Secret and from a ConfigMap", async () => {
    const jwt = { ...JWT, jwksCa: { secretRef: { name: "a", key: "root.pem" } } };
    const redis = { urlSecretRef: { name: "mine" }, ca: { configMapRef: { name: "b" } }, minReplicas: 1 };
    expect(await answerTo({ backplane: { redis }, access: { subscribe: "Jwt", jwt } }, "private")).toBe(
      "accepted",
    );
  });

  test.each([
    ["kubectl apply", []],
    ["kubectl apply --server-side", ["--server-side"]],
  ])("another source of the certificate by %s, although defaults were filled in", async (words, flags) => {
    const { apiVersion, kind } = resource();
    const name = `switch-${flags.length}`;
    const file = join(await mkdtemp(join(tmpdir(), "sse-operator-")), "resource.yaml");
    const apply = async (spec: object) => {
      await writeFile(file, stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, spec }));
      await plane.kubectl("apply", ...flags, "-f", file);
      return plane.kubectl("get", "sse", name, "-o", "jsonpath={.spec.tls}");
    };
    await apply({});
    expect(await apply({ tls: { secretRef: { name: "mine" } } }), words).toContain("secretRef");
    expect(await apply({ tls: { issuerRef: { name: "x" } } }), words).toContain("issuerRef");
    expect(await apply({ tls: { selfSigned: { validityDays: 7 } } }), words).toContain("selfSigned");
    expect(await apply({ tls: { secretRef: { name: "mine" } } }), words).toMatch(/^{"secretRef"/);
    expect(await apply({}), words).not.toContain("secretRef");
  });

  test("four lines, and fills in every default", async () => {
    const stored = JSON.parse(await plane.kubectl("get", "sse", "demo", "-o", "json"));
    expect(stored.spec).toMatchObject({
      replicas: 1,
      stream: { heartbeatSeconds: 15 },
      access: { publish: "Token" },
    });
  });
});

test("kubectl explain shows meaning and default", async () => {
  const text = await plane.kubectl("explain", "sse.spec.stream.heartbeatSeconds");
  expect(text).toMatch(/Seconds between heartbeats[\s\S]*Default: 15/);
});

test("kubectl explain knows every field below spec", async () => {
  const text = await plane.kubectl("explain", "sse.spec", "--recursive");
  for (const field of ["paused", "loadBalancerSourceRanges", "topologySpreadConstraints", "heartbeatSeconds"])
    expect(text).toMatch(new RegExp(`^ +${field}\t`, "m"));
});

test("kubectl get shows what one looks for first, and more when asked", async () => {
  const header = (text: string) => text.split("\n")[0]?.split(/ {2,}/).filter(Boolean);
  expect(header(await plane.kubectl("get", "sse"))).toEqual(["NAME", "READY", "CONNECTIONS", "URL", "AGE"]);
  expect(header(await plane.kubectl("get", "sse", "-o", "wide"))).toEqual(
    expect.arrayContaining(["BACKPLANE", "REASON"]),
  );
  expect(await plane.kubectl("get", "all")).toContain("sseservice.sse-operator.dev/demo");
});

test("kubectl scale sets the replicas", async () => {
  await plane.kubectl("scale", "sse/demo", "--replicas=0");
  expect(await plane.kubectl("get", "sse", "demo", "-o", "jsonpath={.spec.replicas}")).toBe("0");
});
