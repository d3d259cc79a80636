/** Installs the operator and the first sample as a user would, by kubectl alone: the same for every cluster. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#cluster/commands.ts";
import type { Progress } from "#cluster/progress.ts";
import { RELEASE } from "#operator/install/release.ts";
import { replaceImages } from "./install-manifest.ts";
import { listSamples, type Sample } from "./samples.ts";
import { UserError } from "./steps.ts";

export interface InstallTarget {
  /** The words of kubectl that reach the cluster. */
  readonly kubectl: readonly string[];
  /** What a person types instead, for the hints. */
  readonly kubectlHint: string;
  readonly images: { readonly operator: string; readonly runtime: string; readonly nginx: string };
  readonly progress: Progress;
}

export interface Installed {
  readonly sample: Sample;
  readonly name: string;
  readonly url: string;
  readonly nextSample: Sample | undefined;
}

const manifestPath = join(import.meta.dirname, "..", "deploy", "install.yaml");
const { namespace } = RELEASE;

export async function installOperator(target: InstallTarget): Promise<Installed> {
  const { progress, images } = target;
  await progress.step("install the operator: kubectl apply -f deploy/install.yaml", undefined, async () => {
    const manifest = replaceImages(
      await readFile(manifestPath, "utf8"),
      new Map([
        [RELEASE.images.operator, images.operator],
        [RELEASE.images.runtime, images.runtime],
        ...(images.nginx === RELEASE.images.nginx ? [] : [[RELEASE.images.nginx, images.nginx] as const]),
      ]),
    );
    await kubectl(target, ["apply", "--server-side", "--force-conflicts", "-f", "-"], manifest);
    await kubectl(target, ["wait", "--for=condition=Established", "crd/sseservices.sse-operator.dev"]);
    await explain(target, `${target.kubectlHint} --namespace ${namespace} describe pods`, () =>
      kubectl(target, [
        "rollout",
        "status",
        `--namespace=${namespace}`,
        "deployment/sse-operator",
        "--timeout=120s",
      ]),
    );
  });
  return applyFirstSample(target);
}

async function applyFirstSample(target: InstallTarget): Promise<Installed> {
  const [sample, nextSample] = await listSamples();
  const name = sample?.names[0];
  if (sample === undefined || name === undefined) throw new UserError("Cannot find a sample in samples/");
  await target.progress.step(`apply ${sample.file} and wait until it is Ready`, undefined, async () => {
    await kubectl(target, ["apply", "-f", sample.path]);
    await explain(target, `${target.kubectlHint} describe sse/${name}`, () =>
      kubectl(target, ["wait", "--for=condition=Ready", `sse/${name}`, "--timeout=120s"]),
    );
  });
  const url = await kubectl(target, ["get", `sse/${name}`, "-o", "jsonpath={.status.url}"]);
  return { sample, name, url, nextSample };
}

function kubectl(target: InstallTarget, args: readonly string[], input?: string): Promise<string> {
  return run([...target.kubectl, ...args], input === undefined ? {} : { input });
}

/** A wait that ends in vain tells little by itself: name the command that tells more. */
async function explain(target: InstallTarget, advice: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const events = await kubectl(target, [
      "get",
      "events",
      "--all-namespaces",
      "--sort-by=.lastTimestamp",
    ]).catch(() => "");
    const tail = events.trimEnd().split("\n").slice(-8).join("\n");
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n${tail}`, advice);
  }
}
