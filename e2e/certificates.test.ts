/** One HTTP/2 stream stays open while the certificate of its service is renewed, replaced, broken and mended. */
import { X509Certificate } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "#operator/certificates/issue.ts";
import type { KeyPair } from "#operator/sseservice/resources/secrets.ts";
import type { EventStream, H2Client } from "./h2-client.ts";
import { shakeHands } from "./handshake.ts";
import { openWorld, type World } from "./world.ts";

const NAME = "certs";
const DAY_MS = 86_400_000;
/** A changed Secret reaches the pods with the kubelet's next sync. */
const SYNC_PATIENCE = { timeout: 120_000, interval: 250 };

let world: World;
let url: string;
let client: H2Client;
let stream: EventStream;
let podsAtFirst: string;

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, {});
  await world.waitUntilReady(NAME);
  [url = ""] = await world.urls(NAME);
  client = await world.client(NAME);
  stream = await client.subscribe();
  podsAtFirst = await pods();
});

afterAll(async () => {
  await client?.close();
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
  await world?.cluster.kubectl("delete", "secret", "certs-mine", "--ignore-not-found");
});

afterEach(async () => {
  const id = await client.publish("still here", { token: await world.token(NAME) });
  expect(await stream.find((event) => event.id === id)).toMatchObject({ data: "still here" });
  expect(await pods()).toBe(podsAtFirst);
});

/** Who the pods are, and how often their containers were started. */
function pods(): Promise<string> {
  const path = "{range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount}{'\\n'}{end}";
  return world.read(`pods -l app.kubernetes.io/instance=${NAME}`, path);
}

/** Whose certificate a client has accepted, as the runtime tells it over the client's own connection. */
async function certificateOf(from: H2Client): Promise<string> {
  const greeted = await from.subscribe({ hello: true });
  const { data } = await greeted.find(({ event }) => event === "hello");
  greeted.close();
  return JSON.parse(data).certificate;
}

const fingerprintOf = ({ certificate }: KeyPair) => new X509Certificate(certificate).fingerprint256;
const inStatus = () => world.read(`sse/${NAME}`, "{.status.certificate.fingerprint}");
const reasonOf = (condition: string) =>
  world.read(`sse/${NAME}`, `{.status.conditions[?(@.type=="${condition}")].reason}`);

async function expectServed(fingerprint: string, ca: string): Promise<void> {
  await expect.poll(() => shakeHands(url, ca), SYNC_PATIENCE).toEqual({ fingerprint, isTrusted: true });
}

async function putData(secret: string, data: Readonly<Record<string, string>>): Promise<void> {
  const patch = JSON.stringify({ stringData: data });
  await world.cluster.kubectl("patch", `secret/${secret}`, "--type=merge", "-p", patch);
}

test("a certificate renewed on demand is what new connections see", async () => {
  const ca = await world.authority(NAME);
  const before = await shakeHands(url, ca);
  expect(before).toEqual({ fingerprint: await inStatus(), isTrusted: true });
  await world.cluster.kubectl("annotate", `sse/${NAME}`, "sse-operator.dev/renew-certificate=now");
  await expect.poll(inStatus).not.toBe(before.fingerprint);
  await expectServed(await inStatus(), ca);
  expect(await world.authority(NAME)).toBe(ca);

  const newcomer = await world.client(NAME);
  expect(await certificateOf(newcomer)).toBe(await inStatus());
  expect(await certificateOf(client)).toBe(before.fingerprint);
  await newcomer.close();
});

test("an authority is replaced, and who trusts the announced ones is never refused", async () => {
  const old = await issueAuthority("the old CA", new Date(Date.now() - 8 * 365 * DAY_MS));
  await putData(`${NAME}-ca`, { "tls.crt": old.certificate, "tls.key": old.key });
  await expect.poll(async () => (await world.authority(NAME)).match(/BEGIN/g)).toHaveLength(2);
  await expectServed(await inStatus(), old.certificate);

  const next = await issueAuthority("the next CA", new Date(Date.now() - 31 * DAY_MS));
  await putData(`${NAME}-ca`, { "next.crt": next.certificate, "next.key": next.key });
  const announced = old.certificate + next.certificate;
  await expect.poll(() => world.authority(NAME)).toBe(next.certificate + old.certificate);
  const renewed = await inStatus();
  const seen = new Set<string>();
  await expect
    .poll(async () => {
      const { fingerprint, isTrusted } = await shakeHands(url, announced);
      seen.add(`trusted ${isTrusted}`);
      return fingerprint;
    }, SYNC_PATIENCE)
    .toBe(renewed);
  expect(seen).toEqual(new Set(["trusted true"]));
  await expectServed(renewed, next.certificate);
});

test("a certificate of the user's takes the place of the operator's own, and a broken one does not", async () => {
  const authority = await issueAuthority("my CA", new Date());
  const request = { commonName: "mine", dnsNames: ["localhost"], ipAddresses: [new URL(url).hostname] };
  const [mine, renewed] = await Promise.all([
    issueLeaf(authority, { ...request, validityDays: 1 }, new Date()),
    issueLeaf(authority, { ...request, validityDays: 2 }, new Date()),
  ]);
  await world.applyService(NAME, { tls: { secretRef: { name: "certs-mine" } } });
  await expect.poll(() => reasonOf("Ready")).toBe("SecretMissing");

  await world.cluster.apply(
    JSON.stringify({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name: "certs-mine", namespace: "default" },
      stringData: { "tls.crt": mine.certificate, "tls.key": mine.key, "ca.crt": authority.certificate },
    }),
  );
  await expectServed(fingerprintOf(mine), authority.certificate);
  await world.waitUntilReady(NAME);

  await putData("certs-mine", { "tls.crt": renewed.certificate });
  await expect.poll(() => reasonOf("CertificateReady")).toBe("KeyMismatch");
  expect(await shakeHands(url, authority.certificate)).toMatchObject({ fingerprint: fingerprintOf(mine) });

  await putData("certs-mine", { "tls.key": renewed.key });
  await expectServed(fingerprintOf(renewed), authority.certificate);
  await expect.poll(() => reasonOf("CertificateReady")).toBe("Provided");
});

test("the operator's own comes back when no other is asked for", async () => {
  await world.applyService(NAME, {});
  await expect.poll(() => reasonOf("CertificateReady")).toBe("Issued");
  await expectServed(await inStatus(), await world.authority(NAME));
});
