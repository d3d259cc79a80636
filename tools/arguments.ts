/** The words that `./dev` understands. Pure. */

export type Command =
  | { readonly word: "up"; readonly context: string | undefined; readonly registry: string | undefined }
  | { readonly word: "down" | "check" | "test" | "help" }
  | { readonly word: "bench"; readonly name: string | undefined }
  | { readonly word: "logs"; readonly part: string | undefined; readonly follow: boolean }
  | { readonly word: "kubectl"; readonly args: readonly string[] };

export type Parsed =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly problem: string };

export const help = `Usage: ./dev WORD

  up                    a Kubernetes on this machine, with the operator and the first sample in it
    --context NAME      use the cluster of this context of your kubeconfig instead
    --registry PREFIX   push the images there (for a context that is not kind, k3d or minikube)
  down                  remove all of it
  check                 format, lint, types, dead code, generated files, unit tests: under a minute
  test                  check, then the tests with real servers, a real cluster and a browser
  bench [NAME]          the measured promises
  kubectl ...           kubectl on the cluster of "up"
  logs [-f] [PART]      the operator's log, or that of a part of the cluster: etcd, node1/kubelet, ...
  help                  this text`;

/** Parses what stands after `./dev`; a word too many is a problem as well. */
export function parseArguments(words: readonly string[]): Parsed {
  const [word = "help", ...rest] = words;
  switch (word) {
    case "up":
      return parseUp(rest);
    case "logs":
      return parseLogs(rest);
    case "kubectl":
      return { ok: true, command: { word, args: rest } };
    case "bench":
      return rest.length > 1
        ? problem(`"bench" takes one name, not "${rest.join(" ")}"`)
        : { ok: true, command: { word, name: rest[0] } };
    case "down":
    case "check":
    case "test":
      return rest.length > 0
        ? problem(`"${word}" takes nothing after it, not "${rest.join(" ")}"`)
        : { ok: true, command: { word } };
    case "help":
    case "--help":
    case "-h":
      return { ok: true, command: { word: "help" } };
    default:
      return problem(`there is no word "${word}"`);
  }
}

function parseUp(words: readonly string[]): Parsed {
  const given = new Map<string, string>();
  for (let index = 0; index < words.length; index += 2) {
    const [flag = "", value] = [words[index], words[index + 1]];
    if (flag !== "--context" && flag !== "--registry") return problem(`"up" does not know "${flag}"`);
    if (value === undefined || value.startsWith("--")) return problem(`"${flag}" needs a value`);
    given.set(flag, value);
  }
  const [context, registry] = [given.get("--context"), given.get("--registry")];
  if (registry !== undefined && context === undefined) {
    return problem('"--registry" goes with "--context": the cluster on this machine needs no registry');
  }
  return { ok: true, command: { word: "up", context, registry } };
}

function parseLogs(words: readonly string[]): Parsed {
  const parts = words.filter((word) => word !== "-f");
  const unknown = parts.find((word) => word.startsWith("-"));
  if (unknown !== undefined) return problem(`"logs" does not know "${unknown}"`);
  if (parts.length > 1) return problem(`"logs" takes one part, not "${parts.join(" ")}"`);
  return { ok: true, command: { word: "logs", part: parts[0], follow: words.includes("-f") } };
}

function problem(text: string): Parsed {
  return { ok: false, problem: text };
}
