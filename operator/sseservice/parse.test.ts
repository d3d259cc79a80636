import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { resource, service } from "#operator/test/fixtures.ts";
import { parseSseService } from "./parse.ts";

const SAMPLES = join(import.meta.dirname, "../../samples");

describe("a field that is not known", () => {
  const spec = {
    novelty: "x",
    stream: { heartbeatSeconds: 7, other: 1 },
    pod: { tolerations: [{ more: 1 }] },
  };

  test("is passed over in what an API server holds: another release's definition put it there", () => {
    expect(service(spec).spec).toMatchObject({ stream: { heartbeatSeconds: 7 }, pod: { tolerations: [{}] } });
  });

  test("is refused in a file: it is misspelt", () => {
    const parsed = parseSseService(resource(spec), "refuse");
    const issues = "issues" in parsed ? parsed.issues : [];
    expect(issues.map(({ field }) => field).sort()).toEqual([
      "spec",
      "spec.pod.tolerations[0]",
      "spec.stream",
    ]);
  });

  test("hides no other problem", () => {
    const parsed = parseSseService(resource({ ...spec, page: "On" }));
    expect(parsed).toHaveProperty("issues", [expect.objectContaining({ field: "spec.page" })]);
  });
});

describe("parseSseService", () => {
  test("fills in every default of an empty spec", () => {
    const { spec } = service();
    expect(spec).toMatchObject({
      replicas: 1,
      service: { type: "NodePort", port: 443 },
      stream: { heartbeatSeconds: 15 },
      access: { publish: "Token" },
      history: { maxBytes: "64Mi" },
    });
  });

  test("knows where the certificate comes from", () => {
    const source = (tls: object) => service({ tls }).certificate;
    const own = { kind: "SelfSigned", validityDays: 90, extraNames: { dnsNames: [], ipAddresses: [] } };
    expect(source({})).toEqual(own);
    expect(source({ selfSigned: { validityDays: 7 } })).toEqual({ ...own, validityDays: 7 });
    expect(source({ secretRef: { name: "mine" } })).toEqual({
      kind: "Secret",
      secretName: "mine",
      dnsNames: [],
    });
    const issuer = { name: "letsencrypt", kind: "Issuer", group: "cert-manager.io" };
    expect(source({ issuerRef: { name: "letsencrypt" } })).toEqual({
      kind: "Issuer",
      issuer,
      names: undefined,
    });
    expect(source({ issuerRef: { name: "letsencrypt", dnsNames: ["a.example"] } })).toMatchObject({
      names: { dnsNames: ["a.example"], ipAddresses: [] },
    });
  });

  test("takes a resource without a spec", () => {
    const { spec: _, ...withoutSpec } = resource();
    expect(parseSseService(withoutSpec)).toHaveProperty("service.spec.replicas", 1);
  });

  test.each([
    ["a number out of bounds", { stream: { heartbeatSeconds: 0 } }, "spec.stream.heartbeatSeconds", ">=1"],
    [
      "the Secret that the operator writes",
      { tls: { secretRef: { name: "demo-tls" } } },
      "spec.tls.secretRef.name",
      "one of another name",
    ],
    ["a wrong word", { page: "On" }, "spec.page", '"Enabled"|"Disabled"'],
    [
      "replicas that memory can't serve",
      { replicas: 2, backplane: { memory: {} } },
      "spec.replicas",
      "a backplane that all pods share",
    ],
    ["tokens of nobody", { access: { subscribe: "Jwt" } }, "spec.access.jwt", "add jwt with issuer"],
    [
      "keys from nowhere",
      { access: { publish: "Jwt", jwt: { issuer: "i", audience: "a" } } },
      "spec.access.jwt",
      "exactly one place",
    ],
    [
      "a wildcard among origins",
      { access: { corsOrigins: ["*", "https://a.example"] } },
      "spec.access.corsOrigins",
      "remove the others",
    ],
  ])("names the field of %s", (_, spec, field, message) => {
    expect(parseSseService(resource(spec))).toEqual({
      issues: [{ field, message: expect.stringContaining(message) }],
    });
  });

  test.each([
    ["memory for one replica", {}, undefined, "Memory"],
    ["managed for several", { replicas: 2 }, undefined, "Managed"],
    ["managed still, when several become one", { replicas: 1 }, "Managed", "Managed"],
    ["memory when it is asked for", { backplane: { memory: {} } }, "Managed", "Memory"],
    [
      "a server of the user's",
      { backplane: { redis: { urlSecretRef: { name: "mine" } } } },
      "Managed",
      "Redis",
    ],
    ["memory after a word of another release", {}, "Other", "Memory"],
  ])("chooses %s", (_, spec, previous, kind) => {
    const parsed = parseSseService({ ...resource(spec), status: { backplane: previous } });
    expect(parsed).toHaveProperty("service.backplane.kind", kind);
  });

  test.each(["x".repeat(46), "a.b", "1a", "-a", "a-"])("refuses the name %s", (name) => {
    expect(parseSseService(resource({}, { name }))).toEqual({
      issues: [{ field: "metadata.name", message: expect.stringContaining("start with a letter") }],
    });
  });

  test.each(readdirSync(SAMPLES))("takes the sample %s", (file) => {
    const sample = parseYaml(readFileSync(join(SAMPLES, file), "utf8"));
    expect(parseSseService(resource(sample.spec ?? {}, sample.metadata))).toHaveProperty("service.name");
  });
});
