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

const HIGH = "should be less than or equal to";
const JWT = { jwksUrl: "https://issuer.example/jwks", issuer: "i", audience: "a" };
const LOW = "should be greater than or equal to";

describe("the API server refuses", () => {
  test.each<[string, object, string[]]>([
    [
      "replicas without a shared backplane",
      { replicas: 2, backplane: { memory: {} } },
      ["spec.replicas", "replace memory by managed"],
    ],
    ["negative replicas", { replicas: -1 }, ["spec.replicas", LOW]],
    ["too many replicas", { replicas: 101 }, ["spec.replicas", HIGH]],
    ["replicas as text", { replicas: "two" }, ["spec.replicas", "expected numeric"]],
    [
      "a nodePort on a ClusterIP service",
      { service: { type: "ClusterIP", nodePort: 30_007 } },
      ["spec.service.nodePort", "remove nodePort, or set type to NodePort"],
    ],
    [
      "an unknown service type",
      { service: { type: "External" } },
      ["spec.service.type", 'supported values: "NodePort", "ClusterIP", "LoadBalancer"'],
    ],
    ["port 0", { service: { port: 0 } }, ["spec.service.port", LOW]],
    ["a port that does not exist", { service: { nodePort: 70_000 } }, ["spec.service.nodePort", HIGH]],
    [
      "two sources of the certificate",
      { tls: { selfSigned: {}, secretRef: { name: "mine" } } },
      ["spec.tls", "keep one of selfSigned, secretRef and issuerRef"],
    ],
    [
      "a certificate without the name of its Secret",
      { tls: { secretRef: {} } },
      ["spec.tls.secretRef.name", "Required value"],
    ],
    [
      "an issuer of an unknown kind",
      { tls: { issuerRef: { name: "x", kind: "CA" } } },
      ["spec.tls.issuerRef.kind", 'supported values: "Issuer", "ClusterIssuer"'],
    ],
    [
      "a name that is none",
      { tls: { selfSigned: { dnsNames: ["-bad-"] } } },
      ["spec.tls.selfSigned.dnsNames[0]", "should match"],
    ],
    [
      "an address that is none",
      { tls: { selfSigned: { ipAddresses: ["300.1.1.1"] } } },
      ["spec.tls.selfSigned.ipAddresses", "must be an IPv4 or IPv6 address"],
    ],
    [
      "a certificate for ever",
      { tls: { selfSigned: { validityDays: 4_000 } } },
      ["spec.tls.selfSigned.validityDays", HIGH],
    ],
    [
      "two backplanes",
      { backplane: { memory: {}, managed: {} } },
      ["spec.backplane", "keep one of memory, managed and redis"],
    ],
    [
      "a server without its Secret",
      { backplane: { redis: {} } },
      ["spec.backplane.redis.urlSecretRef", "Required value"],
    ],
    [
      "replicas that confirm what Pub/Sub does not keep",
      { backplane: { redis: { urlSecretRef: { name: "mine" }, mode: "PubSub", minReplicas: 1 } } },
      ["spec.backplane.redis.minReplicas", "set mode to Streams"],
    ],
    [
      "a certificate authority from two places",
      {
        backplane: {
          redis: {
            urlSecretRef: { name: "mine" },
            ca: { secretRef: { name: "a" }, configMapRef: { name: "b" } },
          },
        },
      },
      ["spec.backplane.redis.ca", "keep secretRef, or configMapRef"],
    ],
    [
      "a certificate authority from nowhere",
      { access: { jwt: { ...JWT, jwksCa: {} } } },
      ["spec.access.jwt.jwksCa", "exactly one place"],
    ],
    ["a quantity that is none", { history: { maxBytes: "lots" } }, ["spec.history.maxBytes", "should match"]],
    [
      "too large a history",
      { history: { maxBytes: "2Gi" } },
      ["spec.history.maxBytes", "must be at most 1Gi"],
    ],
    [
      "too large a history as a number",
      { history: { maxBytes: 2_147_483_648 } },
      ["spec.history.maxBytes", "must be at most 1Gi"],
    ],
    [
      "heartbeats rarer than proxies stand",
      { stream: { heartbeatSeconds: 60 } },
      ["spec.stream.heartbeatSeconds", HIGH],
    ],
    [
      "a buffer smaller than an event",
      { limits: { maxBufferedBytesPerSubscriber: 1_024 } },
      ["spec.limits.maxBufferedBytesPerSubscriber", "to at least maxEventBytes"],
    ],
    [
      "an unknown way to publish",
      { access: { publish: "Nobody" } },
      ["spec.access.publish", 'supported values: "Token", "Jwt", "Anyone"'],
    ],
    [
      "publishing by tokens of nobody",
      { access: { publish: "Jwt" } },
      ["spec.access.jwt", "add jwt with issuer, audience and jwksUrl or keysSecretRef"],
    ],
    [
      "subscribing by tokens of nobody",
      { access: { subscribe: "Jwt" } },
      ["spec.access.jwt", "add jwt with issuer"],
    ],
    [
      "keys from two places",
      { access: { jwt: { ...JWT, keysSecretRef: { name: "mine" } } } },
      ["spec.access.jwt", "keep jwksUrl, or keysSecretRef"],
    ],
    [
      "keys from nowhere",
      { access: { jwt: { issuer: "i", audience: "a" } } },
      ["spec.access.jwt", "exactly one place"],
    ],
    [
      "an authority of a URL that is not there",
      {
        access: {
          jwt: {
            issuer: "i",
            audience: "a",
            keysSecretRef: { name: "mine" },
            jwksCa: { secretRef: { name: "a" } },
          },
        },
      },
      ["spec.access.jwt.jwksCa", "remove jwksCa, or add jwksUrl"],
    ],
    [
      "keys over plain HTTP",
      { access: { jwt: { ...JWT, jwksUrl: "http://issuer.example/jwks" } } },
      ["spec.access.jwt.jwksUrl", "should match"],
    ],
    [
      "HMAC with a URL",
      { access: { jwt: { ...JWT, algorithms: ["HS256"] } } },
      ["spec.access.jwt.algorithms", "replace jwksUrl by keysSecretRef"],
    ],
    [
      "tokens without a signature",
      { access: { jwt: { ...JWT, algorithms: ["none"] } } },
      ["spec.access.jwt.algorithms[0]", "Unsupported value"],
    ],
    [
      "tokens for anybody",
      { access: { jwt: { jwksUrl: JWT.jwksUrl, issuer: "i" } } },
      ["spec.access.jwt.audience", "Required value"],
    ],
    [
      "a clock that runs wild",
      { access: { jwt: { ...JWT, clockToleranceSeconds: 301 } } },
      ["spec.access.jwt.clockToleranceSeconds", HIGH],
    ],
    [
      "a wildcard among origins",
      { access: { corsOrigins: ["*", "https://a.example"] } },
      ["spec.access.corsOrigins", "remove the others"],
    ],
    [
      "an origin with a path",
      { access: { corsOrigins: ["https://a.example/"] } },
      ["spec.access.corsOrigins[0]", "should match"],
    ],
    ["a drain without end", { drain: { timeoutSeconds: 3_601 } }, ["spec.drain.timeoutSeconds", HIGH]],
    ["a page that is neither on nor off", { page: true }, ["spec.page", "expected string"]],
    ["an unknown field", { replica: 1 }, ["replica", "field not declared in schema"]],
  ])("%s", async (_, spec, words) => {
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

test("kubectl scale sets the replicas", async () => {
  await plane.kubectl("scale", "sse/demo", "--replicas=0");
  expect(await plane.kubectl("get", "sse", "demo", "-o", "jsonpath={.spec.replicas}")).toBe("0");
});
