/** Kubeconfig files. Their loader is large: it is read only where there is a file, which is never so in a pod. */
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";

export async function loadKubeConfig(file: string): Promise<KubeConfig> {
  const config = await newKubeConfig();
  config.loadFromFile(file);
  return config;
}

/** As kubectl finds it: the file, or KUBECONFIG, or the one in the home directory; or else the pod's service account. */
export async function loadPersonalKubeConfig(file?: string, context?: string): Promise<KubeConfig> {
  const config = await newKubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

async function newKubeConfig(): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  return new KubeConfig();
}
