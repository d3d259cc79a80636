/** A service whose certificate comes from the real cert-manager: asked for, followed, renewed, and let go. */
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import type { SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { installDefinitions, startCertManager } from "./cert-manager.ts";
import { type OperatorProcess, startOperatorProcess } from "./operator-process.ts";
import { installProduct, OPERATOR_ACCOUNT } from "./product.ts";

const OWN_CA = { tls: { issuerRef: { name: "own-ca" } } };
/** A kind that is new to the cluster is looked for now and then, by the operator and by the garbage collector. */
const PATIENCE = { timeout: 60_000, interval: 200 };

let plane: ControlPlane;
let operator: OperatorProcess;
let stopCertManager: (() => Promise<void>) | undefined;

beforeAll(async () => {
  plane = await startControlPlane({ name: "cert-manager", controllers: true });
  await installProduct(plane);
  operator = await startOperatorProcess(plane, "only");
  await operator.logged("Leading");
});

afterAll(async () => {
  operator?.end("SIGKILL");
  await operator?.ended;
  await stopCertManager?.();
  await plane?.stop();
});

async function apply(spec: object, name = "demo"): Promise<void> {
  const metadata = { name, namespace: "default" };
  await plane.apply(
    JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec }),
  );
}

/** An authority that signs itself, and the Issuer of this name that signs by it. */
async function applyIssuer(name: string): Promise<void> {
  const apiVersion = "cert-manager.io/v1";
  const named = (each: string) => ({ metadata: { name: each, namespace: "default" } });
  const [root, secretName] = [`${name}-root`, `${name}-authority`];
  const authority = { isCA: true, commonName: name, secretName, issuerRef: { name: root } };
  const items = [
    { apiVersion, kind: "Issuer", ...named(root), spec: { selfSigned: {} } },
    { apiVersion, kind: "Certificate", ...named(secretName), spec: authority },
    { apiVersion, kind: "Issuer", ...named(name), spec: { ca: { secretName } } },
  ];
  await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

async function read<T>(target: string): Promise<T> {
  return JSON.parse(await plane.kubectl("get", target, "-o", "json")) as T;
}

async function statusOf(name: string): Promise<SseServiceStatus> {
  return (await read<{ status?: SseServiceStatus }>(`sse/${name}`)).status ?? {};
}

async function certificateReady(name = "demo"): Promise<string> {
  const { conditions = [] } = await statusOf(name);
  const { status, reason, message } = conditions.find(({ type }) => type === "CertificateReady") ?? {};
  return `${status} ${reason}: ${message}`;
}

async function dataOf(secret: string): Promise<Readonly<Record<string, string>>> {
  return (await read<{ data: Record<string, string> }>(`secret/${secret}`)).data;
}

function parse(base64 = ""): X509Certificate {
  return new X509Certificate(Buffer.from(base64, "base64"));
}

async function issuedFingerprint(): Promise<string> {
  return parse((await dataOf("demo-issued-tls"))["tls.crt"]).fingerprint256;
}

/** What cert-manager has issued last, which on a busy machine may be twice in a row, is served and described. */
function servedCertificate(): Promise<X509Certificate> {
  return vi.waitFor(async () => {
    const served = await dataOf("demo-tls");
    expect(served).toEqual(await dataOf("demo-issued-tls"));
    const [leaf, authority] = [parse(served["tls.crt"]), parse(served["ca.crt"])];
    const { status } = await read<{ status: Record<string, string> }>("certificate/demo");
    expect((await statusOf("demo")).certificate).toEqual({
      notAfter: status["notAfter"],
      renewalTime: status["renewalTime"],
      fingerprint: leaf.fingerprint256,
      caFingerprint: authority.fingerprint256,
    });
    expect(await certificateReady()).toMatch(/^True Issued: /);
    return leaf;
  }, PATIENCE);
}

/** As `cmctl renew` does. */
async function triggerIssuing(change: object = {}): Promise<void> {
  const issuing = {
    type: "Issuing",
    status: "True",
    reason: "ManuallyTriggered",
    message: "Renew",
    ...change,
  };
  const patch = [{ op: "add", path: "/status/conditions/-", value: issuing }];
  const flags = ["--subresource=status", "--type=json", "-p", JSON.stringify(patch)];
  await plane.kubectl("patch", "certificate/demo", ...flags);
}

async function wishAnother(value: number): Promise<void> {
  const annotation = `sse-operator.dev/renew-certificate=${value}`;
  await plane.kubectl("annotate", "--overwrite", "sse/demo", annotation);
}

async function setKey(secret: string, key: string): Promise<void> {
  await plane.kubectl("patch", `secret/${secret}`, "-p", JSON.stringify({ data: { "tls.key": key } }));
}

/** So many tries have failed, and the next one would be told from them: cert-manager does so by whole seconds. */
async function tryIsOver(attempts: string): Promise<void> {
  const path = "jsonpath={.status.failedIssuanceAttempts} {.status.lastFailureTime}";
  const failures = () => plane.kubectl("get", "certificate/demo", "-o", path);
  await expect.poll(failures, PATIENCE).toMatch(new RegExp(`^${attempts} `));
  const [, failedAt = ""] = (await failures()).split(" ");
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(failedAt) + 1_000);
}

/** What the next step in the condition's words shows. */
async function lookAsTold(): Promise<string> {
  const [, command = ""] = /with: kubectl (.+)$/.exec(await certificateReady()) ?? [];
  return plane.kubectl(...command.split(" "));
}

async function statusWrites(): Promise<AuditedCall[]> {
  const writes = (await calls()).filter(isWrite);
  return writes.filter(({ resource, name }) => resource === "sseservices/status" && name === "demo");
}

/** An Event that is repeated has a count behind it. */
function warnings(): Promise<string> {
  const path = "jsonpath={range .items[*]}{.reason}{.series.count};{end}";
  const fields = "type=Warning,reason=RenewalFailing";
  return plane.kubectl("get", "events", "--field-selector", fields, "-o", path);
}

async function template(name: string): Promise<unknown> {
  return (await read<{ spec: { template: unknown } }>(`deployment/${name}`)).spec.template;
}

/** What the operator has made of the service for its certificate. */
async function childrenOf(name: string): Promise<string[]> {
  const labels = `app.kubernetes.io/managed-by=sse-operator,app.kubernetes.io/instance=${name}`;
  const names = await plane.kubectl("get", "certificates,secrets", "-l", labels, "-o", "name");
  return names.trim().split("\n").toSorted();
}

async function calls(): Promise<AuditedCall[]> {
  return (await readAuditLog(plane.auditLogPath)).filter(({ user }) => user === OPERATOR_ACCOUNT);
}

async function isFollowing(): Promise<boolean> {
  const watches = (await calls()).filter(({ verb }) => verb === "watch");
  return watches.some(({ resource, code }) => resource === "certificates" && code === 200);
}

/** Every write of the Certificate. */
async function askedFor(name: string): Promise<AuditedCall[]> {
  const writes = (await calls()).filter(isWrite);
  return writes.filter((call) => call.resource === "certificates" && call.name === name);
}

test("without cert-manager's definitions it says so, and asks and follows when they are there", async () => {
  await apply(OWN_CA);
  await expect.poll(() => certificateReady()).toMatch(/^False CertManagerMissing: .*install it/);
  await installDefinitions(plane);
  await expect.poll(() => certificateReady(), PATIENCE).toMatch(/^False IssuancePending: .*see that it runs/);
  await expect.poll(isFollowing, PATIENCE).toBe(true);
});

test("what cert-manager issues is served, and described as cert-manager does", async () => {
  stopCertManager = await startCertManager(plane);
  await applyIssuer("own-ca");
  const leaf = await servedCertificate();
  expect(leaf.checkHost("demo.default.svc")).toBe("demo.default.svc");
  expect(leaf.issuer).toBe("CN=own-ca");
});

test("while the Issuer is missing it says so in cert-manager's words, and goes on when it comes", async () => {
  await apply({ tls: { issuerRef: { name: "later" } } }, "waiting");
  await expect
    .poll(() => certificateReady("waiting"))
    .toMatch(/^False IssuancePending: .*Issuing certificate as Secret does not exist/);
  const [, command = ""] = /with: kubectl (.+?)\. /.exec(await certificateReady("waiting")) ?? [];
  await expect
    .poll(() => plane.kubectl(...command.split(" ")).catch(String))
    .toContain('issuer.cert-manager.io "later" not found');
  await applyIssuer("later");
  await expect.poll(() => certificateReady("waiting")).toMatch(/^True Issued: /);
});

test("a renewal by cert-manager is served, and rolls no pod", async () => {
  const before = await servedCertificate();
  const [pods, asked] = [await template("demo"), await askedFor("demo")];
  await triggerIssuing();
  await expect.poll(issuedFingerprint).not.toBe(before.fingerprint256);
  const after = await servedCertificate();
  expect(after.fingerprint256).not.toBe(before.fingerprint256);
  expect(await template("demo")).toEqual(pods);
  expect(await askedFor("demo")).toEqual(asked);
});

test("the user's wish for another certificate is handed on to cert-manager, once", async () => {
  const before = await servedCertificate();
  await wishAnother(1);
  await expect.poll(issuedFingerprint).not.toBe(before.fingerprint256);
  await servedCertificate();
  const types = () => plane.kubectl("get", "certificate/demo", "-o", "jsonpath={.status.conditions[*].type}");
  await expect.poll(types).toBe("Ready");
  const asked = (await calls()).filter(({ resource }) => resource === "certificates/status");
  expect(asked).toHaveLength(1);
});

test("a renewal that fails is told once, and the certificate served on until the cause is mended", async () => {
  const before = await servedCertificate();
  // Or cert-manager would mend its Secret.
  await plane.kubectl("delete", "certificate/own-ca-authority");
  const { "tls.key": key = "" } = await dataOf("own-ca-authority");
  const { "tls.key": another = "" } = await dataOf("later-authority");
  await setKey("own-ca-authority", another);
  await wishAnother(2);
  await expect
    .poll(() => certificateReady(), PATIENCE)
    .toMatch(/^True RenewalFailing: Valid until .* since .*: Issuing: Failed, .*Error signing certificate/);
  expect(await lookAsTold()).toContain("Error signing certificate");
  // The first count of them is a write of its own.
  await expect.poll(() => statusOf("demo"), PATIENCE).toHaveProperty("connections");
  const [told, written] = [await statusOf("demo"), await statusWrites()];

  await tryIsOver("1");
  await wishAnother(3);
  await tryIsOver("2");
  expect(await statusOf("demo")).toEqual(told);
  expect(await statusWrites()).toHaveLength(written.length);
  expect(await warnings()).toBe("RenewalFailing;");
  const served = parse((await dataOf("demo-tls"))["tls.crt"]);
  expect(served.fingerprint256).toBe(before.fingerprint256);

  await setKey("own-ca-authority", key);
  await wishAnother(4);
  await expect.poll(issuedFingerprint, PATIENCE).not.toBe(before.fingerprint256);
  await servedCertificate();
});

test("a renewal that waits in vain for its Issuer is told, until the Issuer comes", async () => {
  const before = await servedCertificate();
  await plane.kubectl("delete", "issuer/own-ca");
  await triggerIssuing({ lastTransitionTime: "2026-01-01T00:00:00Z" });
  await expect
    .poll(() => certificateReady(), PATIENCE)
    .toMatch(/^True RenewalFailing: .* since 2026-01-01T00:00:00Z: Issuing: ManuallyTriggered/);
  await expect.poll(lookAsTold, PATIENCE).toContain('issuer.cert-manager.io "own-ca" not found');
  await applyIssuer("own-ca");
  await expect.poll(issuedFingerprint, PATIENCE).not.toBe(before.fingerprint256);
  await servedCertificate();
});

test("another source leaves nothing of ours behind, and neither does the way back", async () => {
  const asked = ["certificate.cert-manager.io/demo", "secret/demo-publish-token", "secret/demo-tls"];
  expect(await childrenOf("demo")).toEqual(asked);
  await apply({});
  await expect
    .poll(() => childrenOf("demo"))
    .toEqual(["secret/demo-ca", "secret/demo-publish-token", "secret/demo-tls"]);
  await apply(OWN_CA);
  await expect.poll(() => childrenOf("demo")).toEqual(asked);
  await servedCertificate();
});

test("deleted, a service takes its Certificate along", async () => {
  await plane.kubectl("delete", "sse/demo", "--timeout=30s");
  await plane.kubectl("wait", "--for=delete", "certificate/demo", "--timeout=60s");
});

test("the rights that it is installed with are enough for all of that", async () => {
  expect((await calls()).filter(({ code }) => code === 403)).toEqual([]);
});
