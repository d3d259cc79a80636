/** Carries out every command but `run`: text in, text and an exit status out. */
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { toYaml } from "#operator/install/yaml.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { createDryRun } from "#operator/kubernetes/dry-run.ts";
import { loadPersonalKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { buildCrd } from "#operator/sseservice/crd.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";
import { SERVICE_TYPE } from "#operator/service-type.ts";
import type { Command, DiffOptions } from "./command-line.ts";
import { describeDiffs } from "./describe-diff.ts";
import { diffCluster, diffDocuments } from "./diff.ts";
import { readDocuments, type ServiceDocument } from "./documents.ts";
import { NO_UID, renderChildren } from "./render.ts";

/** Where the command's words go to and its files come from. */
export interface Terminal {
  /** The text of a file, or of the standard input for `-`. */
  readonly read: (path: string) => Promise<string>;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

export type CliCommand = Exclude<Command, { readonly word: "run" }>;

/** As `diff` and `kubectl diff` have them. */
const SAME = 0;
const DIFFERS = 1;
const TROUBLE = 2;

export async function runCommand(command: CliCommand, terminal: Terminal): Promise<number> {
  try {
    return await carryOut(command, terminal);
  } catch (error) {
    terminal.complain(error instanceof Error ? error.message : String(error));
    return TROUBLE;
  }
}

async function carryOut(command: CliCommand, terminal: Terminal): Promise<number> {
  switch (command.word) {
    case "help":
      terminal.print(command.text);
      return SAME;
    case "crd":
      terminal.print(toYaml([buildCrd()]));
      return SAME;
    case "install": {
      const manifests = buildInstallManifests(command.options);
      const isPrinted = ({ kind }: { kind?: string }) =>
        command.withCrd || kind !== "CustomResourceDefinition";
      terminal.print(toYaml(manifests.filter(isPrinted)));
      return SAME;
    }
    case "render": {
      const documents = await read(command.files, command.namespace, terminal);
      const children = documents.map(({ service }) => renderChildren(service, command.installation));
      terminal.print(toYaml((await Promise.all(children)).flat()));
      return SAME;
    }
    case "diff":
      return diff(command, terminal);
  }
}

async function diff(options: DiffOptions, terminal: Terminal): Promise<number> {
  const { files, namespace } = options;
  const documents = files.length === 0 ? [] : await read(files, namespace ?? "default", terminal);
  const paths = createResourcePaths([SERVICE_TYPE]);
  const transport = createTransport({
    loadConfig: () => loadPersonalKubeConfig(options.kubeconfig, options.context),
    userAgent: `${FIELD_MANAGER}-diff`,
  });
  const reads = createCluster({
    transport,
    paths,
    fieldManager: FIELD_MANAGER,
    eventSource: { controller: FIELD_MANAGER, instance: "diff" },
  });
  try {
    const about = { ...options, reads, dryRun: createDryRun(transport, paths, FIELD_MANAGER) };
    const diffs = await (files.length === 0
      ? diffCluster(about, namespace)
      : diffDocuments(about, documents));
    const { text, differs } = describeDiffs(diffs);
    terminal.print(diffs.length === 0 ? "There is no SseService" : text);
    return differs ? DIFFERS : SAME;
  } finally {
    await reads.close();
  }
}

/** Throws one Error with every problem of every file. */
async function read(
  files: readonly string[],
  namespace: string,
  terminal: Terminal,
): Promise<readonly ServiceDocument[]> {
  const sources = files.map(async (path) => {
    const name = path === "-" ? "standard input" : path;
    return { name, text: await terminal.read(path).catch((error: Error) => refuse(name, error)) };
  });
  const { documents, problems } = readDocuments(await Promise.all(sources), { namespace, uid: NO_UID });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return documents;
}

function refuse(name: string, { message }: Error): never {
  throw new Error(`Cannot read "${name}": ${message}`);
}
