/** The kustomize bases: one for the cluster, one for a namespace that an overlay names. Pure; `deploy/kustomize` holds them. */
import { buildInstallManifests } from "./manifests.ts";
import { type InstallOptions, namespacedOptions } from "./options.ts";
import { toYaml } from "./yaml.ts";

const OPERATOR_FILE = "operator.yaml";

/** Path below `deploy/kustomize` -> content. `crds` is where the definition's own base is, seen from a base. */
export function buildKustomizeBases(release: InstallOptions, crds: string): ReadonlyMap<string, string> {
  return new Map([
    ...buildBase("cluster", release, crds),
    ...buildBase("namespaced", namespacedOptions(release, release.namespace, false), crds),
  ]);
}

export function buildKustomization(resources: readonly string[]): string {
  return toYaml([{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources }]);
}

function buildBase(name: string, options: InstallOptions, crds: string): [path: string, content: string][] {
  const objects = buildInstallManifests(options).filter(({ kind }) => kind !== "CustomResourceDefinition");
  return [
    [`${name}/kustomization.yaml`, buildKustomization([crds, OPERATOR_FILE])],
    [`${name}/${OPERATOR_FILE}`, toYaml(objects)],
  ];
}
