/** Installs the operator and the first sample as a user would, by kubectl alone: the same for every cluster. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "#cluster/commands.ts";
import { lastLines } from "#cluster/logs.ts";
import type { Progress } from "#cluster/progress.ts";
import { RELEASE } from "#operator/install/release.ts";
import { replaceImages } from "./install-manifest.ts";
import { listSamples, type Sample } from "./samples.ts";
import { indent, UserError } from "./steps.ts";

/** By their names in the release. */
export type Images = Readonly<Partial<typeof RELEASE.images>>;

export interface InstallTarget {
  /** The words of kubectl that reach the cluster. */
  readonly kubectl: readonly string[];
  /** What a person types instead, for the hints. */
  readonly kubectlHint: string;
  /** In place of the release's; an image that is not named here stays the release's. */
  readonly images: Images;
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
    const manifest = replaceImages(await readFile(manifestPath, "utf8"), planReplacements(images));
    await kubectl(target, ["apply", "--server-side", "--force-conflicts", "-f", "-"], manifest);
    await kubectl(target, ["wait", "--for=condition=Established", "crd/sseservices.sse-operator.dev"]);
    await explain(target, `${target.kubectlHint} --namespace ${namespace} describe pods`, operatorLog, () =>
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

/** The release's name of each image that is named -> what to use instead. */
function planReplacements(images: Images): Map<string, string> {
  const released = new Map<string, string>(Object.entries(RELEASE.images));
  const pairs = Object.entries(images).map(([name, image]) => [released.get(name), image] as const);
  return new Map(pairs.flatMap(([from, to]) => (from === undefined || to === undefined ? [] : [[from, to]])));
}

async function applyFirstSample(target: InstallTarget): Promise<Installed> {
  const [sample, nextSample] = await listSamples();
  const name = sample?.names[0];
  if (sample === undefined || name === undefined) throw new UserError("Cannot find a sample in samples/");
  await target.progress.step(`apply ${sample.file} and wait until it is Ready`, undefined, async () => {
    await kubectl(target, ["apply", "-f", sample.path]);
    await explain(target, `${target.kubectlHint} describe sse/${name}`, ["describe", `sse/${name}`], () =>
      kubectl(target, ["wait", "--for=condition=Ready", `sse/${name}`, "--timeout=120s"]),
    );
  });
  const url = await kubectl(target, ["get", `sse/${name}`, "-o", "jsonpath={.status.url}"]);
  return { sample, name, url, nextSample };
}

function kubectl(target: InstallTarget, args: readonly string[], input?: string): Promise<string> {
  return run([...target.kubectl, ...args], input === undefined ? {} : { input });
}

const operatorLog = [
  "logs",
  `--namespace=${namespace}`,
  "--selector=app.kubernetes.io/name=sse-operator",
  "--tail=8",
];

/** A wait that ends in vain tells little by itself: show what tells more, and name what to try next. */
async function explain(
  target: InstallTarget,
  advice: string,
  showMore: readonly string[],
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const more = await kubectl(target, showMore).catch((failure: unknown) => String(failure));
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`${reason}\n${indent(lastLines(more, 20))}`, advice);
  }
}
