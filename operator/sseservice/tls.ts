/** Where the certificate comes from: its part of the resource's schema, and the choice as a value of one kind. Pure. */
import { z } from "zod";
import { integer, rule } from "./schema-parts.ts";

const DNS_NAME = /^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const dnsNames = (description: string) =>
  z
    .array(z.string().min(1).max(253).regex(DNS_NAME))
    .max(32)
    .default([])
    .meta({ description, "x-kubernetes-list-type": "set" });

const ipAddresses = (description: string) =>
  z
    .array(z.string().min(2).max(45))
    .max(32)
    .default([])
    .meta({
      description,
      "x-kubernetes-list-type": "set",
      "x-kubernetes-validations": [
        rule("self.all(address, isIP(address))", "each entry must be an IPv4 or IPv6 address"),
      ],
    });

const SelfSigned = z.strictObject({
  dnsNames: dnsNames(
    "More DNS names for the certificate, such as `events.example.com`; a first label `*` is allowed.",
  ),
  ipAddresses: ipAddresses("More IP addresses for the certificate, such as `192.0.2.10` or `2001:db8::10`."),
  validityDays: integer(
    1,
    825,
    "Days that a certificate is valid; it is renewed at about two thirds of them.",
  ).default(90),
});

const SecretRef = z.strictObject({
  name: z.string().min(1).max(253).meta({
    description:
      "Name of a Secret of type `kubernetes.io/tls` in the same namespace, such as `my-tls`, with `tls.crt`, `tls.key` and, unless its authority is a well-known one, `ca.crt`.",
  }),
  dnsNames: dnsNames(
    "Names that clients open the service by, such as `events.example.com`: the certificate must hold each of them. When left out, it must hold one of the service's own names or addresses.",
  ),
});

const IssuerRef = z.strictObject({
  name: z.string().min(1).max(253).meta({ description: "Name of the issuer, such as `letsencrypt`." }),
  kind: z.enum(["Issuer", "ClusterIssuer"]).default("Issuer").meta({
    description: "`Issuer` of the same namespace, or `ClusterIssuer` of the whole cluster.",
  }),
  group: z.string().min(1).max(253).default("cert-manager.io").meta({
    description: "API group of the issuer; another one for issuers that are not cert-manager's own.",
  }),
  dnsNames: dnsNames(
    "DNS names to ask for, such as `events.example.com`. Without names and addresses here, all of the service's own are asked for, which only an authority of your own can grant.",
  ),
  ipAddresses: ipAddresses("IP addresses to ask for, such as `192.0.2.10`."),
});

const ONE_SOURCE = "only one source can be used: keep one of selfSigned, secretRef and issuerRef";

export const TlsSchema = z
  .strictObject({
    selfSigned: SelfSigned.exactOptional().meta({
      description:
        "The operator is the certificate authority: one CA and one certificate per service. The default.",
    }),
    secretRef: SecretRef.exactOptional().meta({ description: "A certificate of yours." }),
    issuerRef: IssuerRef.exactOptional().meta({
      description: "An issuer of cert-manager, which issues and renews the certificate.",
    }),
  })
  .refine((tls) => Object.values(tls).filter((source) => source !== undefined).length <= 1, {
    error: ONE_SOURCE,
  })
  .meta({
    description: "Where the certificate comes from; one of selfSigned, secretRef and issuerRef.",
    // An apply that names another source then takes the place of the one before, its defaults included.
    "x-kubernetes-map-type": "atomic",
    "x-kubernetes-validations": [
      rule(
        "(has(self.selfSigned) ? 1 : 0) + (has(self.secretRef) ? 1 : 0) + (has(self.issuerRef) ? 1 : 0) <= 1",
        ONE_SOURCE,
      ),
    ],
  });

/** Names and addresses of a certificate. */
export interface CertificateNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

export interface IssuerReference {
  readonly name: string;
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly group: string;
}

export type CertificateSource =
  /** `extraNames` are added to those of the service. */
  | { readonly kind: "SelfSigned"; readonly extraNames: CertificateNames; readonly validityDays: number }
  /** Without `dnsNames`, the certificate must hold one of the service's names. */
  | { readonly kind: "Secret"; readonly secretName: string; readonly dnsNames: readonly string[] }
  /** Without `names`, those of the service are asked for. */
  | {
      readonly kind: "Issuer";
      readonly issuer: IssuerReference;
      readonly names: CertificateNames | undefined;
    };

export function chooseCertificateSource({
  selfSigned,
  secretRef,
  issuerRef,
}: z.output<typeof TlsSchema>): CertificateSource {
  if (secretRef) return { kind: "Secret", secretName: secretRef.name, dnsNames: secretRef.dnsNames };
  if (issuerRef) {
    const { dnsNames, ipAddresses, ...issuer } = issuerRef;
    const names = dnsNames.length + ipAddresses.length > 0 ? { dnsNames, ipAddresses } : undefined;
    return { kind: "Issuer", issuer, names };
  }
  const { validityDays, ...extraNames } = selfSigned ?? SelfSigned.parse({});
  return { kind: "SelfSigned", extraNames, validityDays };
}
