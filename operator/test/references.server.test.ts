/** What a service names and others make, with a real API server, and without a resync that would find it anyway. */
import { afterAll, beforeAll, test } from "vitest";
import { type OperatorRig, startOperatorRig } from "./operator-rig.ts";

let rig: OperatorRig;

beforeAll(async () => {
  rig = await startOperatorRig("references");
});

afterAll(() => rig?.stop());

function put(kind: string, name: string, data: Readonly<Record<string, string>>): Promise<string> {
  const content = kind === "Secret" ? { stringData: data } : { data };
  return rig.plane.apply(JSON.stringify({ apiVersion: "v1", kind, metadata: { name }, ...content }));
}

function untilReferencesAre(reason: string): Promise<void> {
  return rig.waitFor("sse/demo", '{.status.conditions[?(@.type=="ReferencesReady")].reason}', reason);
}

test("a Secret and a ConfigMap are missed, and seen the moment that they come, change and go", async () => {
  const redis = { urlSecretRef: { name: "mine" }, ca: { configMapRef: { name: "authorities" } } };
  await rig.apply({ backplane: { redis } });
  await untilReferencesAre("SecretMissing");
  await put("Secret", "mine", { url: "rediss://redis:6379" });
  await untilReferencesAre("ConfigMapMissing");
  await put("ConfigMap", "authorities", { "another.crt": "a" });
  await untilReferencesAre("KeyMissing");
  await put("ConfigMap", "authorities", { "ca.crt": "a" });
  await untilReferencesAre("Found");
  await rig.plane.kubectl("delete", "configmap/authorities");
  await untilReferencesAre("ConfigMapMissing");
});
