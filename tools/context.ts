/** How images get into a cluster that the user has already: decided by its context's name. Pure. */

export interface ContextPlan {
  /** The image names that the cluster will know. */
  readonly operator: string;
  readonly runtime: string;
  /** Run one after the other; the first that fails ends it. */
  readonly commands: readonly (readonly string[])[];
}

export type ContextPlanning =
  | { readonly ok: true; readonly plan: ContextPlan }
  | { readonly ok: false; readonly problem: string };

export interface ContextRequest {
  readonly context: string;
  readonly registry: string | undefined;
  /** Names the content, so that a changed source makes the pods roll. */
  readonly tag: string;
}

/** docker builds both images; kind, k3d and minikube take them from docker, every other cluster from a registry. */
export function planContext({ context, registry, tag }: ContextRequest): ContextPlanning {
  const load = loader(context);
  if (load === undefined && registry === undefined) {
    const problem = `Cannot bring images to "${context}": it is neither kind, k3d nor minikube, so add --registry PREFIX`;
    return { ok: false, problem };
  }
  const prefix = (registry ?? "localhost/sse-operator").replace(/\/+$/, "");
  const [operator, runtime] = [`${prefix}/operator:${tag}`, `${prefix}/runtime:${tag}`];
  const push = (image: string): string[] => ["docker", "push", image];
  const deliver = registry === undefined && load !== undefined ? load : push;
  const commands = [
    ["docker", "build", "--file", "Dockerfile.operator", "--tag", operator, "."],
    ["docker", "build", "--file", "Dockerfile.runtime", "--tag", runtime, "."],
    deliver(operator),
    deliver(runtime),
  ];
  return { ok: true, plan: { operator, runtime, commands } };
}

/** kind names a context kind-NAME, k3d k3d-NAME, minikube by the profile, which is "minikube" unless chosen. */
function loader(context: string): ((image: string) => string[]) | undefined {
  const [, tool, name = ""] = /^(kind|k3d)-(.+)$/.exec(context) ?? [];
  if (tool === "kind") return (image) => ["kind", "load", "docker-image", image, "--name", name];
  if (tool === "k3d") return (image) => ["k3d", "image", "import", image, "--cluster", name];
  if (context.startsWith("minikube"))
    return (image) => ["minikube", "image", "load", image, "--profile", context];
  return undefined;
}
