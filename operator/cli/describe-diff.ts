/** A diff as text for a person: what happens to each object, in the form of `diff -u`. Pure. */
import { isDeepStrictEqual } from "node:util";
import { createTwoFilesPatch } from "diff";
import { toYaml } from "#operator/install/yaml.ts";
import type { DesiredObject, KubernetesObject } from "#operator/engine/cluster.ts";
import type { ServiceDiff } from "./diff.ts";
import type { RehearsedWrite } from "./rehearsal.ts";

export interface DiffReport {
  readonly text: string;
  readonly differs: boolean;
}

export function describeDiffs(diffs: readonly ServiceDiff[]): DiffReport {
  const parts = diffs.map((diff) => ({ diff, changes: diff.writes.filter(changesSomething) }));
  const changed = parts.filter(({ changes }) => changes.length > 0);
  const text = parts.flatMap(({ diff, changes }) => [
    `SseService ${diff.key}: ${summarize(changes)}${describeStall(diff)}`,
    ...changes.map(describeWrite),
  ]);
  return { text: text.join("\n"), differs: changed.length > 0 };
}

function summarize(changes: readonly RehearsedWrite[]): string {
  if (changes.length === 0) return "nothing would change";
  const rolled = changes.filter(replacesPods).map(({ ref }) => `${ref.kind} ${ref.name}`);
  const objects = `${changes.length} ${changes.length === 1 ? "object" : "objects"} would change`;
  return rolled.length === 0
    ? `${objects}; no pod would be replaced`
    : `${objects}; the pods of ${rolled.join(" and ")} would be replaced`;
}

/** What keeps the operator from doing all of it. */
function describeStall({ status }: ServiceDiff): string {
  const conditions = status !== undefined && "conditions" in status ? status.conditions : undefined;
  if (!Array.isArray(conditions)) return "";
  const stalled = conditions.find(({ type, status }) => type === "Stalled" && status === "True");
  return stalled === undefined ? "" : `; it would stall: ${stalled.reason}: ${stalled.message}`;
}

function describeWrite(write: RehearsedWrite): string {
  const { ref, before, after, desired } = write;
  const verb = before === undefined ? "create" : after === undefined ? "delete" : "change";
  const roll = replacesPods(write) ? "; its pods would be replaced" : "";
  const title = `  ${verb} ${ref.kind} ${ref.name}${roll}`;
  if (verb === "delete") return title;
  // Of a new object only what is asked for: the rest is the API server's defaults.
  const [old, next] = hideSecrets(
    before && comparable(before),
    comparable(before ? (after ?? {}) : (desired ?? {})),
  );
  const patch = createTwoFilesPatch("now", "then", old ? toYaml([old]) : "", toYaml([next]), "", "", {
    context: 3,
  });
  const lines = patch.trimEnd().split("\n");
  return [
    title,
    ...lines.slice(lines.findIndex((line) => line.startsWith("--- "))).map((line) => `    ${line}`),
  ].join("\n");
}

function changesSomething({ before, after }: RehearsedWrite): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return !isDeepStrictEqual(comparable(before), comparable(after));
}

/** A new template makes the workload's controller replace every pod of it. */
function replacesPods({ before, after }: RehearsedWrite): boolean {
  return (
    before !== undefined && after !== undefined && !isDeepStrictEqual(templateOf(before), templateOf(after))
  );
}

function templateOf({ kind, spec }: KubernetesObject): unknown {
  const isWorkload = kind === "Deployment" || kind === "StatefulSet";
  return isWorkload && typeof spec === "object" && spec !== null && "template" in spec
    ? spec.template
    : undefined;
}

const BOOKKEEPING = new Set(["managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"]);

type Comparable = Readonly<Record<string, unknown>>;

/** Without what the API server keeps books in, and without status. */
function comparable(object: Partial<DesiredObject | KubernetesObject>): Comparable {
  const { status: _, metadata = {}, ...rest } = { status: undefined, ...object };
  const kept = Object.entries(metadata).filter(([key]) => !BOOKKEEPING.has(key));
  return { ...rest, metadata: Object.fromEntries(kept) };
}

/** As `kubectl diff` hides them: whether a value changes can be seen, and the value can't. */
function hideSecrets(
  before: Comparable | undefined,
  after: Comparable,
): [Comparable | undefined, Comparable] {
  if (after["kind"] !== "Secret") return [before, after];
  const [old, next] = [dataOf(before), dataOf(after)];
  const hide = (data: Comparable, other: Comparable, mark: string) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, value === other[key] ? "***" : `*** (${mark})`]),
    );
  return [
    before && { ...before, data: hide(old, next, "before") },
    { ...after, data: hide(next, old, before ? "after" : "new") },
  ];
}

function dataOf(secret: Comparable | undefined): Comparable {
  const data = secret?.["data"];
  return typeof data === "object" && data !== null ? { ...data } : {};
}
