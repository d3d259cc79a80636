import { describe, expect, test } from "vitest";
import { images, ingredients, service } from "#operator/test/fixtures.ts";
import { buildChildren } from "./build.ts";
import { backplaneSelectorLabels } from "./labels.ts";
import { buildServerConf, serverMemoryLimit } from "./resources/backplane/server.ts";
import { buildDeployment } from "./resources/deployment.ts";
import { buildService } from "./resources/service.ts";

describe("a managed backplane", () => {
  const shared = service({ replicas: 2, history: { maxBytes: "100Mi" } });
  const children = buildChildren(shared, ingredients);
  const find = (kind: string, name: string) =>
    children.find((child) => child.kind === kind && child.metadata.name === name);

  test("is there as soon as there is more than one replica, and gone with it", () => {
    const kinds = (spec: object) =>
      buildChildren(service(spec), ingredients)
        .filter(({ metadata }) => metadata.name === "demo-backplane")
        .map(({ kind }) => kind);
    expect(kinds({ replicas: 2 })).toEqual(["Secret", "NetworkPolicy", "Service", "StatefulSet"]);
    expect(kinds({ replicas: 1 })).toEqual([]);
    expect(kinds({ replicas: 1, backplane: { managed: {} } })).toHaveLength(4);
    expect(kinds({ replicas: 2, backplane: { redis: { urlSecretRef: { name: "mine" } } } })).toEqual([]);
  });

  test("refuses events rather than evicting them, and has room for its history", () => {
    const conf = buildServerConf(shared, "secret");
    expect(conf).toContain("maxmemory-policy noeviction");
    expect(conf).toContain(`maxmemory ${400 * 1_048_576}`);
    expect(serverMemoryLimit(shared)).toBe("664Mi");
  });

  test("lets in this service's pods only", () => {
    expect(find("NetworkPolicy", "demo-backplane")).toMatchObject({
      spec: {
        podSelector: { matchLabels: { "app.kubernetes.io/name": "sseservice-backplane" } },
        ingress: [{ from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "sseservice" } } }] }],
      },
    });
  });

  test("keeps its events on a claim when one is asked for, else in the pod", () => {
    const onClaim = service({ backplane: { managed: { storage: { className: "fast", size: "5Gi" } } } });
    const [claimed] = buildChildren(onClaim, ingredients).filter(({ kind }) => kind === "StatefulSet");
    expect(claimed).toMatchObject({
      spec: {
        volumeClaimTemplates: [
          { spec: { storageClassName: "fast", resources: { requests: { storage: "5Gi" } } } },
        ],
      },
    });
    expect(find("StatefulSet", "demo-backplane")).not.toHaveProperty("spec.volumeClaimTemplates");
  });

  test("is not picked by the Service in front of the streams", () => {
    const { selector } = buildService(shared).spec ?? {};
    expect(backplaneSelectorLabels("demo")).not.toMatchObject(selector ?? {});
  });

  test("is reached by the URL that the runtime mounts from its Secret", () => {
    const pod = buildDeployment(shared, images).spec?.template.spec;
    expect(pod?.volumes).toContainEqual({
      name: "backplane",
      secret: { secretName: "demo-backplane", items: [{ key: "url", path: "url" }] },
    });
    expect(pod?.containers[0]?.volumeMounts).toContainEqual({
      name: "backplane",
      mountPath: "/etc/sse-backplane",
      readOnly: true,
    });
  });
});
