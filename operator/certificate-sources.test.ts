/** Where the certificate comes from, and what becomes of a service when that changes, breaks or is mended. */
import { beforeEach, describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "#operator/certificates/issue.ts";
import { ClusterError, type KubernetesObject } from "#operator/engine/cluster.ts";
import { base64 } from "#operator/sseservice/resources/secrets.ts";
import { createReconcileWorld, type ReconcileWorld } from "#operator/test/reconcile-world.ts";

const SECRET_REF = { tls: { secretRef: { name: "mine" } } };
const ISSUER_REF = { tls: { issuerRef: { name: "own-ca" } } };
/** For another certificate. */
const WISH = { annotations: { "sse-operator.dev/renew-certificate": "1" } };
const SERVED = { apiVersion: "v1", kind: "Secret", namespace: "shop", name: "demo-tls" };

let world: ReconcileWorld;

beforeEach(() => {
  world = createReconcileWorld();
});

/** A Secret as `kubectl create secret tls` makes it, with a certificate for the service. */
async function putSecret(name: string, change: Readonly<Record<string, string>> = {}): Promise<string> {
  const authority = await issueAuthority("my CA", world.now());
  const request = { commonName: "x", dnsNames: ["demo.shop.svc"], ipAddresses: [], validityDays: 30 };
  const leaf = await issueLeaf(authority, request, world.now());
  const content = {
    "tls.crt": leaf.certificate,
    "tls.key": leaf.key,
    "ca.crt": authority.certificate,
    ...change,
  };
  world.cluster.put({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name, namespace: "shop" },
    data: Object.fromEntries(Object.entries(content).map(([key, text]) => [key, base64(text)])),
  });
  return base64(leaf.certificate);
}

/** As the user edits it: another spec, and the status that was written before. */
function edit(spec: object, metadata: object = {}): void {
  const before = world.cluster.find("SseService", "demo") as KubernetesObject;
  world.cluster.put({ ...before, metadata: { ...before.metadata, ...metadata }, spec });
}

const servedCertificate = () =>
  (world.cluster.find("Secret", "demo-tls")?.["data"] as Record<string, string> | undefined)?.["tls.crt"];

async function makeReady(spec: object = {}): Promise<void> {
  world.put(spec);
  await world.run();
  world.settle();
  await world.run();
  world.cluster.takeWrites();
  world.takeEnqueued();
}

describe("a Secret of the user's", () => {
  test("is served, and no authority is made", async () => {
    const mine = await putSecret("mine");
    await makeReady(SECRET_REF);
    expect(servedCertificate()).toBe(mine);
    expect(world.cluster.find("Secret", "demo-ca")).toBeUndefined();
    expect(world.condition("Ready")).toMatchObject({ status: "True" });
    expect(world.condition("CertificateReady")).toMatchObject({ reason: "Provided" });
  });

  test("that is missing holds the pods back, and heals when it is there", async () => {
    world.put(SECRET_REF);
    expect(await world.run()).toEqual({ kind: "done" });
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "SecretMissing" });
    expect(world.cluster.find("Deployment", "demo")).toBeUndefined();
    world.takeEnqueued();

    const mine = await putSecret("mine");
    expect(world.takeEnqueued()).toEqual(["shop/demo"]);
    await world.run();
    expect(servedCertificate()).toBe(mine);
    expect(world.cluster.find("Deployment", "demo")).toBeDefined();
    expect(world.condition("Stalled")).toMatchObject({ status: "False" });
  });

  test("that is renewed is served without rolling the pods", async () => {
    await putSecret("mine");
    await makeReady(SECRET_REF);
    const renewed = await putSecret("mine");
    expect(world.takeEnqueued()).toEqual(["shop/demo"]);
    await world.run();
    expect(world.cluster.takeWrites()).toEqual(["apply Secret/demo-tls", "status SseService/demo"]);
    expect(servedCertificate()).toBe(renewed);
  });

  test("that breaks never reaches the pods, and heals when it is mended", async () => {
    const good = await putSecret("mine");
    await makeReady(SECRET_REF);
    await putSecret("mine", { "tls.key": "garbage" });
    await world.run();
    expect(servedCertificate()).toBe(good);
    expect(world.cluster.takeWrites()).toEqual(["status SseService/demo"]);
    expect(world.condition("Stalled")).toMatchObject({ status: "True", reason: "KeyMismatch" });
    expect(world.cluster.events.map(({ type, reason }) => `${type} ${reason}`)).toContain(
      "Warning KeyMismatch",
    );

    const mended = await putSecret("mine");
    await world.run();
    expect(servedCertificate()).toBe(mended);
    expect(world.condition("Ready")).toMatchObject({ status: "True" });
  });

  test("that goes leaves the service as it is, but not unsaid", async () => {
    const good = await putSecret("mine");
    await makeReady(SECRET_REF);
    await world.cluster.delete({ ...SERVED, name: "mine" });
    expect(world.takeEnqueued()).toEqual(["shop/demo"]);
    await world.run();
    expect(servedCertificate()).toBe(good);
    expect(world.condition("CertificateReady")).toMatchObject({ reason: "SecretMissing" });
    expect(world.condition("Available")).toMatchObject({ status: "True" });
  });

  test("is followed only while a service names it", async () => {
    await putSecret("mine");
    await makeReady(SECRET_REF);
    edit({});
    await world.run();
    world.takeEnqueued();
    await putSecret("mine");
    expect(world.takeEnqueued()).toEqual([]);
  });

  test("is not followed any more when its service is gone", async () => {
    await putSecret("mine");
    await makeReady(SECRET_REF);
    edit(SECRET_REF, { deletionTimestamp: "2026-01-01T00:00:00Z" });
    await world.run();
    world.takeEnqueued();
    await putSecret("mine");
    expect(world.takeEnqueued()).toEqual([]);
  });
});

describe("cert-manager", () => {
  function issue(status: object): void {
    const certificate = world.cluster.find("Certificate", "demo") as KubernetesObject;
    world.cluster.put({ ...certificate, status });
  }
  const ready = { conditions: [{ type: "Ready", status: "True" }], renewalTime: "2026-01-20T00:00:00Z" };

  async function serveIssued(): Promise<string> {
    world.put(ISSUER_REF);
    await world.run();
    const issued = await putSecret("demo-issued-tls");
    issue(ready);
    await world.run();
    world.cluster.takeWrites();
    return issued;
  }

  test("is asked for a certificate, waited for, and what it issues is served", async () => {
    world.put(ISSUER_REF);
    await world.run();
    expect(world.cluster.takeWrites()).toContain("apply Certificate/demo");
    expect(world.condition("Ready")).toMatchObject({ status: "False", reason: "IssuancePending" });
    expect(world.condition("Stalled")).toMatchObject({ status: "False" });

    world.takeEnqueued();
    const issued = await putSecret("demo-issued-tls");
    issue(ready);
    expect(world.takeEnqueued()).toEqual(["shop/demo"]);
    await world.run();
    expect(servedCertificate()).toBe(issued);
    expect(world.status().certificate).toMatchObject({ renewalTime: "2026-01-20T00:00:00Z" });
    expect(world.condition("CertificateReady")).toMatchObject({ status: "True", reason: "Issued" });
  });

  test("that cannot renew what is good is told of once, until it can", async () => {
    const renewalFailing = () =>
      world.cluster.events.filter(({ reason }) => reason === "RenewalFailing").map(({ type }) => type);
    const failed = (at: string, words: string) => {
      const issuing = { type: "Issuing", status: "False", reason: "Failed", message: words };
      issue({ ...ready, conditions: [...ready.conditions, issuing], lastFailureTime: at });
    };
    const retried = { type: "Issuing", status: "True", reason: "Renewing", message: "Renewing" };
    const issued = await serveIssued();

    failed("2026-01-20T00:01:00Z", "no such issuer, request 1");
    await world.run();
    expect(world.cluster.takeWrites()).toEqual(["status SseService/demo"]);
    expect(world.condition("CertificateReady")).toMatchObject({ status: "True", reason: "RenewalFailing" });
    expect(world.condition("CertificateReady")?.message).toContain("no such issuer, request 1");
    expect(renewalFailing()).toEqual(["Warning"]);

    issue({ ...ready, conditions: [...ready.conditions, retried], lastFailureTime: "2026-01-20T00:01:00Z" });
    await world.run();
    failed("2026-01-20T01:01:00Z", "no such issuer, request 2");
    await world.run();
    expect(world.cluster.takeWrites()).toEqual([]);

    failed("2026-01-20T03:01:00Z", "the issuer denies it");
    await world.run();
    expect(world.status().certificate?.renewalFailure).toMatchObject({ since: "2026-01-20T00:01:00Z" });
    expect(world.condition("CertificateReady")?.message).toContain("the issuer denies it");
    expect(servedCertificate()).toBe(issued);

    // It writes the Secret first.
    issue({ ...ready, conditions: [...ready.conditions, retried], lastFailureTime: "2026-01-20T03:01:00Z" });
    const renewed = await putSecret("demo-issued-tls");
    await world.run();
    expect(servedCertificate()).toBe(renewed);
    expect(world.condition("CertificateReady")).toMatchObject({ status: "True", reason: "Issued" });
    expect(world.status().certificate).not.toHaveProperty("renewalFailure");
    issue(ready);
    await world.run();
    expect(world.condition("CertificateReady")).toMatchObject({ status: "True", reason: "Issued" });
    expect(renewalFailing()).toEqual(["Warning"]);
  });

  test("is asked for another one, as the user wishes, before that is noted", async () => {
    const issued = await serveIssued();
    edit(ISSUER_REF, WISH);
    await world.run();
    expect(world.cluster.takeWrites()).toEqual(["status Certificate/demo", "apply Secret/demo-tls"]);
    expect(world.cluster.find("Certificate", "demo")).toMatchObject({
      status: { conditions: [{ type: "Issuing", status: "True", reason: "ManuallyTriggered" }] },
    });
    expect(servedCertificate()).toBe(issued);

    const renewed = await putSecret("demo-issued-tls");
    issue(ready);
    await world.run();
    expect(servedCertificate()).toBe(renewed);
    expect(world.cluster.takeWrites()).not.toContain("status Certificate/demo");
  });

  test("is not asked for another one while the service is paused", async () => {
    await serveIssued();
    edit({ ...ISSUER_REF, paused: true }, WISH);
    await world.run();
    expect(world.cluster.takeWrites()).toEqual(["status SseService/demo"]);
    edit(ISSUER_REF, WISH);
    await world.run();
    expect(world.cluster.takeWrites()).toContain("status Certificate/demo");
  });

  test("that is not installed is named, looked for, and used when it is there", async () => {
    const missing = new ClusterError("UnknownKind", "the server could not find the requested resource");
    world.cluster.failApplies("Certificate", missing);
    world.put(ISSUER_REF);
    expect(await world.run()).toMatchObject({ kind: "again" });
    expect(world.condition("Ready")).toMatchObject({ reason: "CertManagerMissing" });
    expect(world.condition("CertificateReady")?.message).toContain("install it");

    world.cluster.failApplies("Certificate", undefined);
    await world.run();
    expect(world.condition("Ready")).toMatchObject({ reason: "IssuancePending" });
  });

  test("is not asked any more when the service names another source", async () => {
    world.put(ISSUER_REF);
    await world.run();
    edit({});
    await world.run();
    expect(world.cluster.takeWrites()).toContain("delete Certificate/demo");
    expect(world.cluster.find("Certificate", "demo")).toBeUndefined();
  });
});

describe("another source", () => {
  const template = () =>
    JSON.stringify((world.cluster.find("Deployment", "demo")?.["spec"] as { template?: object })?.template);

  test.each([
    ["a Secret", SECRET_REF],
    ["an issuer", ISSUER_REF],
  ])("rolls no pod, and the certificate is served until the new one is good: %s", async (_, spec) => {
    await makeReady();
    const [own, pods] = [servedCertificate(), template()];
    edit(spec);
    await world.run();
    expect(servedCertificate()).toBe(own);
    expect(world.condition("Ready")).toMatchObject({ status: "False" });
    expect(world.cluster.takeWrites()).toContain("delete Secret/demo-ca");

    const theirs = await putSecret(spec === SECRET_REF ? "mine" : "demo-issued-tls");
    const certificate = world.cluster.find("Certificate", "demo");
    if (certificate)
      world.cluster.put({ ...certificate, status: { conditions: [{ type: "Ready", status: "True" }] } });
    await world.run();
    expect(servedCertificate()).toBe(theirs);

    edit({});
    await world.run();
    expect(servedCertificate()).not.toBe(theirs);
    expect(world.condition("Ready")).toMatchObject({ status: "True" });
    expect(template()).toBe(pods);
  });

  test("that is broken does not stop a service whose own Secret was deleted as well", async () => {
    await makeReady();
    edit(SECRET_REF);
    await world.cluster.delete(SERVED);
    await world.run();
    expect(world.cluster.find("Deployment", "demo")).toBeDefined();
    expect(world.condition("CertificateReady")).toMatchObject({ reason: "SecretMissing" });
  });
});
