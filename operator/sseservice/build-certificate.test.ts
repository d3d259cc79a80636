import { describe, expect, test } from "vitest";
import { images, ingredients, material, service } from "#operator/test/fixtures.ts";
import { buildChildren, type Ingredients } from "./build.ts";
import { buildDeployment } from "./resources/deployment.ts";

describe("the certificate", () => {
  const kinds = (changes: Partial<Ingredients>, spec = {}) =>
    buildChildren(service(spec), { ...ingredients, ...changes }).map(
      ({ kind, metadata }) => `${kind} ${metadata.name}`,
    );
  const without = { ...material, authority: undefined, certificate: undefined };

  test("is waited for before pods are begun, and running ones stay", () => {
    expect(kinds({ material: without })).not.toContain("Deployment demo");
    expect(kinds({ material: without, hasPods: true })).toContain("Deployment demo");
    expect(kinds({})).toContain("Deployment demo");
  });

  test("is served from one Secret, whatever its source, so that another source rolls no pod", () => {
    const template = (tls: object) => buildDeployment(service({ tls }), images).spec?.template;
    expect(template({ secretRef: { name: "mine" } })).toEqual(template({}));
    expect(template({ issuerRef: { name: "letsencrypt" } })).toEqual(template({}));
  });

  test("is asked of cert-manager for the names of the service", () => {
    const issued = service({ tls: { issuerRef: { name: "own-ca", kind: "ClusterIssuer" } } });
    const names = { dnsNames: ["demo.shop.svc"], ipAddresses: ["192.0.2.1"] };
    const certificate = buildChildren(issued, { ...ingredients, names }).find(
      ({ kind }) => kind === "Certificate",
    );
    expect(certificate).toMatchObject({
      apiVersion: "cert-manager.io/v1",
      metadata: { name: "demo", namespace: "shop" },
      spec: {
        secretName: "demo-issued-tls",
        issuerRef: { name: "own-ca", kind: "ClusterIssuer", group: "cert-manager.io" },
        ...names,
      },
    });
    expect(kinds({}).join()).not.toContain("Certificate ");
  });
});
