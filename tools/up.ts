/** `./dev up`: a cluster on this machine, or the user's own, with the operator and the first sample in it. */
import { get } from "node:https";
import { join } from "node:path";
import { type Cluster, createCluster } from "#cluster/cluster.ts";
import { cacheKey, folderContent } from "#cluster/cache.ts";
import { run } from "#cluster/commands.ts";
import { cacheRoot } from "#cluster/paths.ts";
import type { Progress } from "#cluster/progress.ts";
import { until } from "#cluster/wait.ts";
import { planContext } from "./context.ts";
import { type Installed, installOperator } from "./install.ts";
import { rigImages } from "./product-images.ts";
import { createSteps, formatSeconds, UserError } from "./steps.ts";

export const clusterName = "dev";
const forwardedPort = 30_007;
const root = join(import.meta.dirname, "..");

export async function up(context: string | undefined, registry: string | undefined): Promise<void> {
  const started = performance.now();
  const progress = createSteps();
  const report = context === undefined ? await upHere(progress) : await upThere(progress, context, registry);
  console.log(`\nUp after ${formatSeconds(performance.now() - started)}.\n${report}`);
}

async function upHere(progress: Progress): Promise<string> {
  const cluster = await createCluster({ name: clusterName, progress });
  const images = await rigImages(progress);
  await progress.step("bring the images to the nodes", undefined, () => cluster.importImages(images.saved));
  const kubectl = cluster.controlPlane.kubectlCommand;
  const installed = await installOperator({ kubectl, kubectlHint: "./dev kubectl", images, progress });
  return describe(installed, "./dev kubectl", await forwardTo(cluster, installed));
}

async function upThere(progress: Progress, context: string, registry: string | undefined): Promise<string> {
  const planning = planContext({ context, registry, tag: await sourceTag() });
  if (!planning.ok) throw new UserError(planning.problem);
  const { operator, runtime, commands } = planning.plan;
  const logPath = join(cacheRoot(), "logs", "up-context.log");
  for (const command of commands) {
    await progress.step(command.join(" "), logPath, () => run(command, { cwd: root, logPath }));
  }
  const hint = `kubectl --context ${context}`;
  const installed = await installOperator({
    kubectl: ["kubectl", "--context", context],
    kubectlHint: hint,
    images: { operator, runtime },
    progress,
  });
  return describe(installed, hint, undefined);
}

async function sourceTag(): Promise<string> {
  const folders = [join(root, "operator"), join(root, "runtime")];
  return cacheKey((await Promise.all(folders.map((folder) => folderContent(folder)))).flat());
}

/** Leads this machine's own port to the sample, and says where it answers; nothing when something else has the port. */
async function forwardTo(cluster: Cluster, { url }: Installed): Promise<string | undefined> {
  const local = `https://localhost:${forwardedPort}`;
  try {
    await cluster.forward(forwardedPort, Number(new URL(url).port));
    // The nodes learn of a new Service a moment later than the operator.
    await until(`${local} answers`, () => answers(local), { timeoutMs: 10_000, intervalMs: 200 });
    return local;
  } catch (error) {
    console.log(`  ${local} leads nowhere: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Whether a TLS server answers there; its certificate is signed by an authority that this machine does not know. */
function answers(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  get(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
    response.resume();
    resolve(true);
  })
    .on("error", () => resolve(false))
    .on("timeout", () => resolve(false));
  return promise;
}

function describe(installed: Installed, kubectl: string, local: string | undefined): string {
  const { name, url, nextSample } = installed;
  return [
    `  open         ${url}${local === undefined ? "" : `  or  ${local}`}`,
    "               (the certificate is the operator's own: the browser asks once)",
    `  look around  ${kubectl} get sseservices,pods,services`,
    `  publish      the token: ${kubectl} get secret ${name}-publish-token -o jsonpath='{.data.token}' | base64 -d`,
    ...(nextSample === undefined ? [] : [`  next         ${kubectl} apply -f ${nextSample.file}`]),
  ].join("\n");
}
