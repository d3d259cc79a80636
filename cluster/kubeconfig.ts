/** A kubeconfig that stands alone: one cluster, one user, the certificates inside. */
import { readFile } from "node:fs/promises";
import { stringify } from "yaml";
import { writeWhole } from "./files.ts";
import type { CertificateFiles } from "./pki.ts";

export interface KubeconfigContent {
  readonly cluster: string;
  readonly user: string;
  readonly url: string;
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

export function buildKubeconfig(content: KubeconfigContent): string {
  const { cluster, user, url } = content;
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: cluster, cluster: { server: url, "certificate-authority-data": base64(content.authorityPem) } },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(content.certificatePem),
          "client-key-data": base64(content.keyPem),
        },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user } }],
    "current-context": cluster,
  });
}

export async function writeKubeconfig(
  path: string,
  files: CertificateFiles,
  about: {
    readonly cluster: string;
    readonly user: string;
    readonly url: string;
    readonly authorityPem: string;
  },
): Promise<void> {
  const [certificatePem, keyPem] = await Promise.all([
    readFile(files.certPath, "utf8"),
    readFile(files.keyPath, "utf8"),
  ]);
  await writeWhole(path, buildKubeconfig({ ...about, certificatePem, keyPem }));
}
