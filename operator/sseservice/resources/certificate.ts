/** The Certificate that asks cert-manager for a certificate. Pure. */
import { certificateName, issuedSecretName } from "../names.ts";
import type { SseService } from "../spec.ts";
import type { CertificateNames, IssuerReference } from "../tls.ts";
import { type Child, childMetadata } from "./metadata.ts";

export const CERTIFICATE_TYPE = { apiVersion: "cert-manager.io/v1", kind: "Certificate" } as const;

interface Certificate {
  readonly spec: {
    readonly secretName: string;
    readonly issuerRef: IssuerReference;
    readonly dnsNames?: readonly string[];
    readonly ipAddresses?: readonly string[];
    readonly privateKey: {
      readonly algorithm: "ECDSA";
      readonly size: 256;
      readonly rotationPolicy: "Always";
    };
    readonly usages: readonly string[];
    readonly secretTemplate: { readonly labels: Readonly<Record<string, string>> };
  };
}

/** Its Secret is not the one that the pods mount: what cert-manager puts there is looked at before it is served. */
export function buildCertificate(
  service: SseService,
  issuerRef: IssuerReference,
  { dnsNames, ipAddresses }: CertificateNames,
): Child<Certificate> {
  return {
    ...CERTIFICATE_TYPE,
    metadata: childMetadata(service, certificateName(service.name)),
    spec: {
      secretName: issuedSecretName(service.name),
      issuerRef,
      ...(dnsNames.length > 0 && { dnsNames }),
      ...(ipAddresses.length > 0 && { ipAddresses }),
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      usages: ["digital signature", "server auth"],
      secretTemplate: { labels: { "app.kubernetes.io/instance": service.name } },
    },
  };
}
