import { describe, expect, test } from "vitest";
import { service } from "#operator/test/fixtures.ts";
import { conditions, deployment, now, observe, running } from "#operator/test/observation.ts";
import type { Observation } from "./conditions/observation.ts";
import { buildStatus } from "./status.ts";

const NAMED = { kind: "Secret", name: "mine", key: "url", field: "spec.a" } as const;

describe("conditions", () => {
  test("are all there when all is well", () => {
    expect(conditions()).toEqual({
      Ready: "True Ready",
      Reconciling: "False Settled",
      Stalled: "False NotStalled",
      Available: "True PodsAvailable",
      ReferencesReady: "True NothingNamed",
      CertificateReady: "True Issued",
      BackplaneReady: "True InMemory",
      Http2Verified: "True Verified",
      Paused: "False NotPaused",
    });
  });

  test.each<[string, Partial<Observation>, Record<string, string>]>([
    [
      "an invalid spec",
      { service: undefined, issues: [{ field: "spec.page", message: "bad" }] },
      { Ready: "False InvalidSpec", Stalled: "True InvalidSpec" },
    ],
    [
      "a taken port",
      { failures: [{ reason: "NodePortTaken", message: "m" }] },
      { Ready: "False NodePortTaken", Stalled: "True NodePortTaken" },
    ],
    [
      "a passing failure",
      { failures: [{ reason: "ApplyFailed", message: "m" }] },
      { Ready: "False Retrying", Reconciling: "True Retrying", Stalled: "False NotStalled" },
    ],
    [
      "a Secret that is named and missing",
      { missingReferences: [{ reference: NAMED, missing: "object" }] },
      {
        Ready: "False ReferenceMissing",
        Stalled: "True ReferenceMissing",
        ReferencesReady: "False SecretMissing",
      },
    ],
    [
      "a ConfigMap that is named and missing",
      { missingReferences: [{ reference: { ...NAMED, kind: "ConfigMap" }, missing: "object" }] },
      { ReferencesReady: "False ConfigMapMissing" },
    ],
    [
      "a key that is named and missing",
      { missingReferences: [{ reference: NAMED, missing: "key" }] },
      { Ready: "False ReferenceMissing", ReferencesReady: "False KeyMissing" },
    ],
    [
      "no certificate",
      { certificate: undefined },
      { Ready: "False NotIssued", CertificateReady: "False NotIssued" },
    ],
    [
      "no Deployment",
      { deployment: undefined },
      { Ready: "False DeploymentMissing", Available: "False DeploymentMissing" },
    ],
    [
      "no pod wanted",
      { service: service({ replicas: 0 }), deployment: deployment({ observedGeneration: 1 }) },
      { Ready: "False ScaledToZero", Available: "False ScaledToZero", Reconciling: "False Settled" },
    ],
    [
      "pods that start",
      { deployment: deployment({ observedGeneration: 1, replicas: 1, updatedReplicas: 1 }) },
      { Ready: "False PodsStarting", Reconciling: "True RollingOut" },
    ],
    [
      "a rollout not yet seen by the Deployment's controller",
      { deployment: deployment(running, 2) },
      { Ready: "False RollingOut", Reconciling: "True RollingOut", Available: "True PodsAvailable" },
    ],
    [
      "no address",
      { nodes: [] },
      { Ready: "False WaitingForAddress", Reconciling: "True WaitingForAddress" },
    ],
    [
      "a managed backplane that starts",
      { service: service({ backplane: { managed: {} } }) },
      {
        Ready: "False ServerStarting",
        BackplaneReady: "False ServerStarting",
        Available: "True PodsAvailable",
      },
    ],
    [
      "a managed backplane that runs",
      {
        service: service({ backplane: { managed: {} } }),
        backplaneServer: { status: { replicas: 1, readyReplicas: 1 } },
      },
      { Ready: "True Ready", BackplaneReady: "True ServerReady" },
    ],
    [
      "a server that a pod can't reach",
      {
        service: service({ backplane: { redis: { urlSecretRef: { name: "mine" } } } }),
        stats: { connections: 1, backplane: "down", problems: [] },
      },
      { Ready: "False Unreachable", BackplaneReady: "False Unreachable" },
    ],
    [
      "a server that no pod has reached yet",
      {
        service: service({ backplane: { redis: { urlSecretRef: { name: "mine" } } } }),
        deployment: { status: { ...running, readyReplicas: 0, availableReplicas: 0 } },
        stats: undefined,
      },
      { Ready: "False NotKnown", BackplaneReady: "False NotKnown" },
    ],
    [
      "a server that no pod is wanted to reach",
      {
        service: service({ replicas: 0, backplane: { redis: { urlSecretRef: { name: "mine" } } } }),
        deployment: { status: { ...running, readyReplicas: 0, availableReplicas: 0 } },
        stats: undefined,
      },
      { Ready: "False ScaledToZero", BackplaneReady: "True Configured" },
    ],
    [
      "what the pods find wanting in the backplane",
      {
        service: service({ backplane: { redis: { urlSecretRef: { name: "mine" }, mode: "PubSub" } } }),
        stats: { connections: 1, backplane: "up", problems: ["At most once."] },
      },
      { Ready: "True Ready", BackplaneReady: "True Weak" },
    ],
  ])("tell of %s", (_, change, expected) => {
    expect(conditions(change)).toMatchObject(expected);
  });

  test("carry the generation and whole seconds, and a message each", () => {
    for (const condition of buildStatus(observe(), now).conditions ?? []) {
      expect(condition).toMatchObject({ observedGeneration: 3, lastTransitionTime: "2026-01-01T00:00:00Z" });
      expect(condition.message).not.toBe("");
    }
  });

  test.each([
    [{}, /not the loss of its pod; set spec.backplane.managed.storage/],
    [{ volumeClaimTemplates: [{}] }, /on a volume claim/],
  ])("say what a managed server's events survive: %j", (spec, words) => {
    const backplaneServer = {
      spec: { selector: {}, template: {}, ...spec },
      status: { replicas: 1, readyReplicas: 1 },
    };
    const managed = observe({ service: service({ backplane: { managed: {} } }), backplaneServer });
    const condition = buildStatus(managed, now).conditions?.find(({ type }) => type === "BackplaneReady");
    expect(condition?.message).toMatch(words);
  });

  test("keep their transition time while their status stays, whatever the reason", () => {
    const previous = buildStatus(observe(), now);
    const later = new Date("2026-02-02T00:00:00Z");
    const next = buildStatus(observe({ previous, failures: [{ reason: "Refused", message: "m" }] }), later);
    const times = Object.fromEntries(
      (next.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime.slice(0, 7)]),
    );
    expect(times).toEqual({
      Ready: "2026-02",
      Stalled: "2026-02",
      Reconciling: "2026-01",
      Available: "2026-01",
      ReferencesReady: "2026-01",
      CertificateReady: "2026-01",
      BackplaneReady: "2026-01",
      Http2Verified: "2026-01",
      Paused: "2026-01",
    });
  });
});

test("the rest of the status", () => {
  expect(buildStatus(observe(), now)).toMatchObject({
    observedGeneration: 3,
    replicas: 1,
    readyReplicas: 1,
    ready: "1/1",
    selector: "app.kubernetes.io/name=sseservice,app.kubernetes.io/instance=demo",
    url: "https://192.0.2.1:30007",
    connections: 12,
  });
});

describe("a certificate from elsewhere", () => {
  const provided = service({ tls: { secretRef: { name: "mine" } } });
  const problem = { reason: "KeyMismatch", message: "Put both together again" } as const;

  test("is Provided", () => {
    expect(conditions({ service: provided }).CertificateReady).toBe("True Provided");
  });

  test("that is flawed stalls the service with its own reason, and says what is served meanwhile", () => {
    const change = { service: provided, certificateProblem: problem };
    expect(conditions(change)).toMatchObject({
      Ready: "False KeyMismatch",
      Stalled: "True KeyMismatch",
      CertificateReady: "False KeyMismatch",
      Available: "True PodsAvailable",
    });
    const messages = buildStatus(observe(change), now).conditions?.map(({ message }) => message);
    expect(messages?.join("\n")).toContain("the one before is served, which is valid until 2026-04-01");
  });

  test("that is being issued stalls nothing", () => {
    const pending = { reason: "IssuancePending", message: "cert-manager is at work" } as const;
    expect(conditions({ certificateProblem: pending, certificate: undefined })).toMatchObject({
      Ready: "False IssuancePending",
      Stalled: "False NotStalled",
    });
  });

  test("that is good is ready though its renewal fails, and says since when, why, and how long it is good", () => {
    const renewalFailure = { since: "2026-03-01T00:00:00Z", message: "order is invalid; look there" };
    const certificate = { notAfter: "2026-04-01T00:00:00Z", renewalFailure };
    expect(conditions({ certificate })).toMatchObject({
      Ready: "True Ready",
      Stalled: "False NotStalled",
      CertificateReady: "True RenewalFailing",
    });
    const { conditions: told } = buildStatus(observe({ certificate }), now);
    expect(told?.find(({ type }) => type === "CertificateReady")?.message).toMatch(
      /^Valid until 2026-04-01T00:00:00Z, .* since 2026-03-01T00:00:00Z: order is invalid; look there$/,
    );
  });

  test("needs cert-manager where an issuer is named", () => {
    const failures = [{ reason: "CertManagerMissing", message: "Install it" }] as const;
    const pending = { reason: "IssuancePending", message: "cert-manager is at work" } as const;
    expect(conditions({ failures, certificateProblem: pending })).toMatchObject({
      Ready: "False CertManagerMissing",
      Stalled: "True CertManagerMissing",
      CertificateReady: "False CertManagerMissing",
    });
  });
});
