import { describe, expect, test } from "vitest";
import { RuntimeConfigSchema } from "#runtime/config.ts";
import { images, ingredients, service } from "#operator/test/fixtures.ts";
import { buildChildren } from "./build.ts";
import { configHash } from "./resources/config-map.ts";
import { buildDeployment } from "./resources/deployment.ts";
import { buildNginxConf } from "./resources/nginx-conf.ts";
import { buildRuntimeConfig } from "./resources/runtime-config.ts";
import { buildService } from "./resources/service.ts";

const demo = service();
const podSpec = buildDeployment(demo, images).spec?.template.spec;

describe("every child", () => {
  test.each(buildChildren(demo, ingredients).map((child) => [`${child.kind} ${child.metadata.name}`, child]))(
    "%s is owned by its SseService, labelled, and named within 63 characters",
    (_, child) => {
      expect(child).toMatchObject({
        metadata: {
          namespace: "shop",
          labels: { "app.kubernetes.io/managed-by": "sse-operator", "app.kubernetes.io/instance": "demo" },
          ownerReferences: [{ kind: "SseService", name: "demo", uid: "uid-1", controller: true }],
        },
      });
    },
  );

  test("has a name within 63 characters, however long the service's own is", () => {
    const longest = service({}, { name: "x".repeat(45) });
    for (const { metadata } of buildChildren(longest, ingredients)) {
      expect(metadata.name.length).toBeLessThanOrEqual(63);
    }
  });

  test("is the same for the same input, so that nothing is written twice", () => {
    expect(buildChildren(demo, ingredients)).toEqual(buildChildren(demo, ingredients));
  });
});

describe("the pods", () => {
  test("pass Pod Security `restricted`", () => {
    expect(podSpec?.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(podSpec?.automountServiceAccountToken).toBe(false);
    for (const container of podSpec?.containers ?? []) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container.resources?.limits).toHaveProperty("memory");
    }
  });

  test("leave in the order that loses no stream", () => {
    const [runtime, nginx] = podSpec?.containers ?? [];
    expect(nginx?.lifecycle?.preStop).toEqual({ sleep: { seconds: 5 } });
    expect(runtime?.lifecycle).toBeUndefined();
    expect(podSpec?.terminationGracePeriodSeconds).toBe(5 + 60 + 15);
  });

  test("never mount the CA's key", () => {
    expect(JSON.stringify(podSpec)).not.toContain("demo-ca");
  });

  test("take the images of the spec before the defaults", () => {
    const other = service({ images: { runtime: "mine:2" } });
    const containers = buildDeployment(other, images).spec?.template.spec?.containers ?? [];
    expect(containers.map(({ image }) => image)).toEqual(["mine:2", "nginx:1"]);
  });

  test("roll when the configuration changes, and not when the certificate's names do", () => {
    expect(configHash(service({ limits: { maxConnections: 1 } }))).not.toBe(configHash(demo));
    expect(configHash(service({ tls: { selfSigned: { dnsNames: ["a.example"] } } }))).toBe(configHash(demo));
  });

  test("run where and as the spec says", () => {
    const pod = {
      labels: { team: "events", "app.kubernetes.io/name": "mine" },
      annotations: { note: "x" },
      nodeSelector: { disk: "ssd" },
      tolerations: [{ key: "dedicated", operator: "Exists" }],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
      topologySpreadConstraints: [{ topologyKey: "topology.kubernetes.io/zone" }],
      priorityClassName: "high",
      imagePullSecrets: [{ name: "registry" }],
    };
    const { metadata, spec } = buildDeployment(service({ pod }), images).spec?.template ?? {};
    expect(metadata?.labels).toMatchObject({ team: "events", "app.kubernetes.io/name": "sseservice" });
    expect(metadata?.annotations).toMatchObject({ note: "x" });
    const { labels: _, annotations: __, topologySpreadConstraints: ___, ...placement } = pod;
    expect(spec).toMatchObject(placement);
    expect(spec?.topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: {
          matchLabels: { "app.kubernetes.io/name": "sseservice", "app.kubernetes.io/instance": "demo" },
        },
      },
    ]);
  });

  test("leave the last words of a container that ends for the status", () => {
    for (const container of podSpec?.containers ?? [])
      expect(container.terminationMessagePolicy).toBe("FallbackToLogsOnError");
  });

  test("mount no token when anyone may publish", () => {
    const open = service({ access: { publish: "Anyone" } });
    expect(JSON.stringify(buildDeployment(open, images))).not.toContain("publish-token");
  });
});

describe("runtime.json", () => {
  test("is what the runtime parses, with every limit of the spec", () => {
    const spec = {
      history: { maxBytes: "1Mi" },
      drain: { timeoutSeconds: 7 },
      limits: { maxConnections: 5 },
    };
    expect(RuntimeConfigSchema.parse(buildRuntimeConfig(service(spec)))).toMatchObject({
      history: { maxBytes: 1_048_576 },
      drain: { timeoutSeconds: 7, proxyPort: 8443 },
      limits: { maxConnections: 5, maxEventBytes: 65_536 },
      access: { publish: { mode: "Token" } },
    });
  });
});

describe("runtime.json of a shared backplane", () => {
  test.each([
    [{ replicas: 2 }, { type: "Redis", mode: "Streams" }],
    [
      { backplane: { redis: { urlSecretRef: { name: "mine" }, mode: "PubSub" } } },
      { type: "Redis", mode: "PubSub" },
    ],
  ])("of %j names the file of its URL, and its own part of the server", (spec, expected) => {
    expect(RuntimeConfigSchema.parse(buildRuntimeConfig(service(spec))).backplane).toMatchObject({
      ...expected,
      urlFile: "/etc/sse-backplane/url",
      service: "shop/demo",
    });
  });
});

describe("a private certificate authority", () => {
  const redis = { urlSecretRef: { name: "mine" }, ca: { configMapRef: { name: "trust", key: "root.pem" } } };
  const jwt = { jwksUrl: "https://a.example/jwks", issuer: "a", audience: "b" };
  const trusting = service({
    backplane: { redis: { ...redis, minReplicas: 2 } },
    access: { publish: "Jwt", jwt: { ...jwt, jwksCa: { secretRef: { name: "my-ca" } } } },
  });

  test("is mounted into the runtime alone, where its configuration says", () => {
    const { access, backplane } = RuntimeConfigSchema.parse(buildRuntimeConfig(trusting));
    expect(backplane).toMatchObject({ caFile: "/etc/sse-backplane-ca/ca.crt", minReplicas: 2 });
    expect(access.jwt).toMatchObject({ jwksCaFile: "/etc/sse-jwks-ca/ca.crt" });
    const pod = buildDeployment(trusting, images).spec?.template.spec;
    expect(pod?.volumes).toContainEqual({
      name: "backplane-ca",
      configMap: { name: "trust", items: [{ key: "root.pem", path: "ca.crt" }] },
    });
    expect(pod?.volumes).toContainEqual({
      name: "jwks-ca",
      secret: { secretName: "my-ca", items: [{ key: "ca.crt", path: "ca.crt" }] },
    });
    const mounts = pod?.containers.map(({ volumeMounts = [] }) =>
      volumeMounts.map((mount) => mount.mountPath),
    );
    expect(mounts?.[0]).toEqual(expect.arrayContaining(["/etc/sse-backplane-ca", "/etc/sse-jwks-ca"]));
    expect(JSON.stringify(mounts?.[1])).not.toContain("ca");
  });

  test("of an issuer whose tokens nobody asks for is not mounted", () => {
    const open = service({ access: { publish: "Anyone", jwt: trusting.spec.access.jwt } });
    expect(JSON.stringify(buildDeployment(open, images))).not.toContain("jwks-ca");
  });
});

describe("the Service", () => {
  test("leaves nodePort to the cluster unless it is asked for", () => {
    expect(buildService(demo).spec?.ports?.[0]).not.toHaveProperty("nodePort");
    expect(buildService(service({ service: { nodePort: 30_007 } })).spec?.ports?.[0]).toHaveProperty(
      "nodePort",
      30_007,
    );
  });
});

test("the Service takes what a load balancer needs", () => {
  const asked = {
    type: "LoadBalancer",
    annotations: { "example.com/scheme": "internal" },
    loadBalancerClass: "example.com/nlb",
    loadBalancerSourceRanges: ["203.0.113.0/24"],
    externalTrafficPolicy: "Local",
  };
  const { metadata, spec } = buildService(service({ service: asked }));
  const { annotations, ...rest } = asked;
  expect(metadata).toMatchObject({ annotations });
  expect(spec).toMatchObject(rest);
});

describe("nginx.conf", () => {
  test("waits longer than two heartbeats, and shuts down later than the drain", () => {
    const conf = buildNginxConf(
      service({ stream: { heartbeatSeconds: 55 }, drain: { timeoutSeconds: 300 } }),
    );
    expect(conf).toContain("proxy_read_timeout 140s;");
    expect(conf).toContain("worker_shutdown_timeout 315s;");
  });

  test("has room for two connections a stream", () => {
    expect(buildNginxConf(service({ limits: { maxConnections: 100 } }))).toContain(
      "worker_connections 1224;",
    );
  });
});

describe("access by JSON Web Token", () => {
  const jwt = { keysSecretRef: { name: "my-keys" }, issuer: "https://issuer.example", audience: "events" };
  const podOf = (access: object) => buildDeployment(service({ access }), images).spec?.template.spec;

  test("mounts the keys' Secret where the runtime reads it, into the runtime alone", () => {
    const closed = service({ access: { publish: "Jwt", subscribe: "Jwt", jwt } });
    const { access } = RuntimeConfigSchema.parse(buildRuntimeConfig(closed));
    expect(access).toMatchObject({
      publish: { mode: "Jwt" },
      subscribe: { mode: "Jwt" },
      jwt: { keyDirectory: "/etc/sse-jwt", issuer: "https://issuer.example", clockToleranceSeconds: 5 },
    });
    const pod = podOf(closed.spec.access);
    expect(pod?.volumes).toContainEqual({ name: "jwt-keys", secret: { secretName: "my-keys" } });
    const [runtime, nginx] = pod?.containers ?? [];
    expect(runtime?.volumeMounts).toContainEqual({
      name: "jwt-keys",
      mountPath: "/etc/sse-jwt",
      readOnly: true,
    });
    expect(JSON.stringify([nginx, pod])).not.toContain("publish-token");
    expect(JSON.stringify(nginx)).not.toContain("jwt");
  });

  test("by URL mounts nothing, and neither do keys that nobody asks for", () => {
    const { keysSecretRef: _, ...rest } = jwt;
    const byUrl = { publish: "Jwt", jwt: { ...rest, jwksUrl: "https://issuer.example/jwks" } };
    expect(JSON.stringify(podOf(byUrl))).not.toContain("jwt");
    expect(
      RuntimeConfigSchema.parse(buildRuntimeConfig(service({ access: byUrl }))).access.jwt,
    ).toHaveProperty("jwksUrl", "https://issuer.example/jwks");
    expect(JSON.stringify(podOf({ publish: "Token", jwt }))).not.toContain("jwt");
  });
});

describe("the origins of other pages", () => {
  const confOf = (...corsOrigins: string[]) => buildNginxConf(service({ access: { corsOrigins } }));

  test("are told to both containers, so that nginx's own answers can be read too", () => {
    const listed = service({ access: { corsOrigins: ["https://shop.example"] } });
    expect(buildRuntimeConfig(listed).access).toHaveProperty("corsOrigins", ["https://shop.example"]);
    expect(confOf("https://shop.example")).toContain('    "https://shop.example" $http_origin;\n');
    expect(
      confOf("https://shop.example").match(/Allow-Credentials \$cors_credentials always;/g),
    ).toHaveLength(2);
  });

  test("are none by default, and every one without credentials by the wildcard", () => {
    expect(confOf()).not.toMatch(/cors|Access-Control/);
    expect(confOf("*")).toContain('    default "*";\n');
    expect(confOf("*")).toMatch(/map \$cors_origin \$cors_credentials \{[^}]*"\*" "";/);
  });
});

test("nothing logs a stream's address, which may hold a token", () => {
  const conf = buildNginxConf(demo);
  expect(conf).toContain("access_log off;");
  for (const location of ["= /status", "@stream_down"]) {
    const [, block] = conf.split(`location ${location} {`);
    expect(block?.split("}")[0]).toContain("error_log /dev/null emerg;");
  }
});

test("more than one replica is guarded by a PodDisruptionBudget", () => {
  const kinds = (replicas: number) =>
    buildChildren(service({ replicas }), ingredients).map(({ kind }) => kind);
  expect(kinds(2)).toContain("PodDisruptionBudget");
  expect(kinds(1)).not.toContain("PodDisruptionBudget");
});
