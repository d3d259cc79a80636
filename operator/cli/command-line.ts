/** The words after `sse-operator` -> what to do, or what is wrong with them. Pure. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { type InstallOptions, namespacedOptions } from "#operator/install/options.ts";
import { RELEASE } from "#operator/install/release.ts";
import type { Installation } from "#operator/sseservice/installation.ts";
import { COMMAND_HELP, HELP, type Word, WORDS } from "./help.ts";

export type Command =
  | { readonly word: "help"; readonly text: string }
  | { readonly word: "run" }
  | { readonly word: "crd" }
  | { readonly word: "install"; readonly options: InstallOptions; readonly withCrd: boolean }
  | ({ readonly word: "render" } & RenderOptions)
  | ({ readonly word: "diff" } & DiffOptions);

export interface RenderOptions {
  /** Paths, or `-` for the standard input. */
  readonly files: readonly string[];
  readonly namespace: string;
  /** As if this operator was installed. */
  readonly installation: Installation;
}

export interface DiffOptions {
  readonly files: readonly string[];
  readonly namespace: string | undefined;
  /** As if this operator was installed. */
  readonly installation: Installation;
  readonly followsNodes: boolean;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export function parseCommandLine(
  words: readonly string[],
  environment: Environment,
): Command | { readonly problem: string } {
  const [first = "help", ...rest] = words;
  if (first === "help" || first === "--help" || first === "-h") return { word: "help", text: HELP };
  const word = WORDS.find((known) => known === first);
  if (word === undefined) return { problem: `Cannot run "${first}": the commands are ${WORDS.join(", ")}` };
  if (rest.includes("--help") || rest.includes("-h")) return { word: "help", text: COMMAND_HELP[word] };
  try {
    return PARSERS[word](rest, environment);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `Cannot read the options of "${word}": ${reason}\n\n${COMMAND_HELP[word]}` };
  }
}

type Parser = (words: readonly string[], environment: Environment) => Command;

const text = { type: "string" } as const;
const files = { type: "string", short: "f", multiple: true } as const;
const namespace = { type: "string", short: "n" } as const;
const imageOptions = { "runtime-image": text, "nginx-image": text, "valkey-image": text } as const;
const installationOptions = { ...imageOptions, "operator-namespace": text } as const;

const PARSERS: Readonly<Record<Word, Parser>> = {
  run: (words) => {
    read(words, {});
    return { word: "run" };
  },
  crd: (words) => {
    read(words, {});
    return { word: "crd" };
  },
  render: (words, environment) => {
    const values = read(words, { filename: files, namespace, ...installationOptions });
    if (values.filename === undefined) throw new Error("-f FILE is missing");
    return {
      word: "render",
      files: values.filename,
      namespace: values.namespace ?? "default",
      installation: installationOf(values, environment),
    };
  },
  diff: (words, environment) => {
    const values = read(words, {
      filename: files,
      namespace,
      context: text,
      kubeconfig: text,
      "without-nodes": { type: "boolean" },
      ...installationOptions,
    });
    return {
      word: "diff",
      files: values.filename ?? [],
      namespace: values.namespace,
      installation: installationOf(values, environment),
      followsNodes: values["without-nodes"] !== true && environment["FOLLOW_NODES"] !== "false",
      context: values.context,
      kubeconfig: values.kubeconfig,
    };
  },
  install: (words, environment) => {
    const values = read(words, {
      namespace,
      "follow-nodes": { type: "boolean" },
      "without-crd": { type: "boolean" },
      "operator-image": text,
      ...imageOptions,
    });
    const followsNodes = values["follow-nodes"] === true;
    if (followsNodes && values.namespace === undefined) {
      throw new Error(
        "--follow-nodes goes with --namespace: for the whole cluster the nodes are followed anyway",
      );
    }
    const operator = values["operator-image"] ?? RELEASE.images.operator;
    const release = { ...RELEASE, images: { ...imagesOf(values, environment), operator } };
    const options =
      values.namespace === undefined ? release : namespacedOptions(release, values.namespace, followsNodes);
    return { word: "install", options, withCrd: values["without-crd"] !== true };
  },
};

/** Throws an Error that names the word which is no option, or the option that lacks its value. */
function read<O extends NonNullable<ParseArgsConfig["options"]>>(words: readonly string[], options: O) {
  return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values;
}

type Values = Readonly<Partial<Record<keyof typeof installationOptions, string | undefined>>>;

function installationOf(values: Values, environment: Environment): Installation {
  const own = values["operator-namespace"] ?? environment["POD_NAMESPACE"] ?? RELEASE.namespace;
  return { images: imagesOf(values, environment), namespace: own };
}

function imagesOf(values: Values, environment: Environment): Installation["images"] {
  const { runtime, nginx, valkey } = RELEASE.images;
  return {
    runtime: values["runtime-image"] ?? environment["SSE_RUNTIME_IMAGE"] ?? runtime,
    nginx: values["nginx-image"] ?? environment["SSE_NGINX_IMAGE"] ?? nginx,
    valkey: values["valkey-image"] ?? environment["SSE_VALKEY_IMAGE"] ?? valkey,
  };
}
