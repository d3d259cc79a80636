/** Where the cluster is and who we are in it: a kubeconfig file, or the service account that the pod was given. */
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";

/** Without a file, the pod's own service account. */
export function loadKubeConfig(file?: string, context?: string): KubeConfig {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromCluster();
  else config.loadFromFile(file);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/** As kubectl finds it: the file, or KUBECONFIG, or the one in the home directory; or else the pod's service account. */
export function loadPersonalKubeConfig(file?: string, context?: string): KubeConfig {
  const config = new KubeConfig();
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}
