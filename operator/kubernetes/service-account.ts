/** The credentials that a pod is given: its service account's token, and the API server's certificate authority. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credentials } from "./transport.ts";

export const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The kubelet writes a new token long before the old one expires. */
const TOKEN_AGE_MS = 60_000;

export type ServiceAccountOptions = {
  environment: Readonly<Record<string, string | undefined>>;
  folder?: string;
  /** Monotonic milliseconds. */
  now?: () => number;
};

/** Of a kubeconfig's loader only this is needed in a pod, and the loader costs a tenth of the operator's memory. */
export function loadServiceAccount({
  environment,
  folder = SERVICE_ACCOUNT_FOLDER,
  now = () => performance.now(),
}: ServiceAccountOptions): Credentials {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (host === undefined) {
    throw new Error("Cannot reach Kubernetes: this is no pod of a cluster, and KUBECONFIG names no file");
  }
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  let token: { text: string; readMs: number } | undefined;

  async function readToken(): Promise<string> {
    if (token === undefined || now() - token.readMs >= TOKEN_AGE_MS) {
      token = { text: (await readFile(join(folder, "token"), "utf8")).trim(), readMs: now() };
    }
    return token.text;
  }

  const authority = readFile(join(folder, "ca.crt"));
  authority.catch(() => undefined); // whoever asks for it first is told
  return {
    getCurrentCluster: () => ({ server }),
    applyToHTTPSOptions: async (options) => {
      options.ca = await authority;
      options.headers = { authorization: `Bearer ${await readToken()}` };
    },
  };
}
