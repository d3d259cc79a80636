/** A server of the user's, with a password, behind TLS that only a private authority vouches for. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPki } from "#cluster/pki.ts";
import { expectOneOrder, openOnEveryPod } from "./every-pod.ts";
import { openWorld, type World } from "./world.ts";

const NAME = "own-redis";
const SERVER = "redis-behind-tls";
const PASSWORD = "only-of-this-test";

let world: World;
let folder: string;
let authority: string;

beforeAll(async () => {
  world = await openWorld();
  folder = await mkdtemp(join(tmpdir(), "own-redis-"));
  await startRedis();
});

afterAll(async () => {
  const kinds = "sse,pod,service,secret,configmap";
  await world?.cluster.kubectl("delete", kinds, "-l", `test=${NAME}`, "--ignore-not-found", "--wait=false");
  await rm(folder, { recursive: true, force: true });
});

/** As a user would run it: the operator knows only its URL and its authority. */
async function startRedis(): Promise<void> {
  const pki = await openPki(folder);
  authority = pki.authorityPem;
  const { certPath, keyPath } = await pki.issue("server", { user: SERVER, dnsNames: [SERVER] });
  const valkey = '{.spec.template.spec.containers[0].env[?(@.name=="SSE_VALKEY_IMAGE")].value}';
  const image = await world.read("-n sse-operator deployment/sse-operator", valkey);
  const flags = {
    port: "0",
    "tls-port": "6379",
    "tls-cert-file": "/tls/tls.crt",
    "tls-key-file": "/tls/tls.key",
    "tls-auth-clients": "no",
    requirepass: PASSWORD,
    appendonly: "yes",
    dir: "/data",
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  await put(
    [
      "v1",
      "Secret",
      SERVER,
      {
        stringData: {
          "tls.crt": await readFile(certPath, "utf8"),
          "tls.key": await readFile(keyPath, "utf8"),
        },
      },
    ],
    ["v1", "Service", SERVER, { spec: { selector: { app: SERVER }, ports: [{ port: 6379 }] } }],
    [
      "v1",
      "Pod",
      SERVER,
      {
        spec: {
          containers: [
            {
              name: "server",
              image,
              command: ["valkey-server", ...args],
              volumeMounts: [
                { name: "tls", mountPath: "/tls" },
                { name: "data", mountPath: "/data" },
              ],
            },
          ],
          volumes: [
            { name: "tls", secret: { secretName: SERVER } },
            { name: "data", emptyDir: {} },
          ],
        },
      },
    ],
    ["v1", "Secret", NAME, { stringData: { url: `rediss://:${PASSWORD}@${SERVER}:6379` } }],
  );
  await world.cluster.kubectl("wait", "--for=condition=Ready", `pod/${SERVER}`, "--timeout=120s");
}

type Part = readonly [apiVersion: string, kind: string, name: string, content: object];

async function put(...parts: readonly Part[]): Promise<void> {
  const items = parts.map(([apiVersion, kind, name, content]) => {
    return { apiVersion, kind, metadata: { name, labels: { test: NAME, app: name } }, ...content };
  });
  await world.cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

async function putService(name: string, replicas: number, authorities: string): Promise<void> {
  const redis = { urlSecretRef: { name: NAME }, ca: { configMapRef: { name: authorities } } };
  const spec = {
    replicas,
    access: { publish: "Anyone" },
    backplane: { redis },
    drain: { timeoutSeconds: 1 },
  };
  await put(["sse-operator.dev/v1alpha1", "SseService", name, { spec }]);
}

function message(name: string, type: string): Promise<string> {
  return world.read(`sse/${name}`, `{.status.conditions[?(@.type=="${type}")].message}`);
}

test("is one stream on both pods, as soon as the ConfigMap with its authority is there", async () => {
  await putService(NAME, 2, "authority");
  await expect.poll(() => message(NAME, "ReferencesReady")).toContain('The ConfigMap "authority"');
  await put(["v1", "ConfigMap", "authority", { data: { "ca.crt": authority } }]);
  await world.waitUntilReady(NAME);
  const everyPod = await openOnEveryPod(world, NAME);
  await expectOneOrder(everyPod, 20);
  await everyPod.close();
});

test("is not used on the word of another authority, and the status says so", async () => {
  const stranger = await openPki(join(folder, "stranger"));
  await put(["v1", "ConfigMap", "another-authority", { data: { "ca.crt": stranger.authorityPem } }]);
  await putService("own-redis-untrusted", 1, "another-authority");
  await expect
    .poll(() => message("own-redis-untrusted", "BackplaneReady"), { timeout: 90_000 })
    .toContain("certificate is of no authority that is trusted here");
});
