/** What every reader of a status counts on, kstatus and people alike, checked over what was there one after the other. For tests only. */
import { REASONS } from "#operator/sseservice/conditions/reasons.ts";
import {
  type Condition,
  CONDITION_TYPES,
  type SseServiceStatus,
} from "#operator/sseservice/status-schema.ts";

/** A resource at one moment of its life; before its first visit it has no status. */
export interface Moment {
  readonly generation: number;
  readonly status: SseServiceStatus | undefined;
}

/** One sentence for each rule that is broken, oldest first; none: the life is as it should be. */
export function findViolations(life: readonly Moment[]): string[] {
  return life.flatMap((moment, index) => [
    ...violationsOf(moment),
    ...violationsBetween(life[index - 1]?.status, moment.status),
  ]);
}

function violationsOf({ generation, status }: Moment): string[] {
  if (status === undefined) return [];
  const { observedGeneration = 0, conditions = [] } = status;
  const types = conditions.map(({ type }) => type);
  return [
    ...unless(
      observedGeneration <= generation,
      `speaks of generation ${observedGeneration} at ${generation}`,
    ),
    ...unless(types.join() === CONDITION_TYPES.join(), `has the conditions ${types.join()}`),
    ...conditions.flatMap((condition) => violationsOfOne(condition, observedGeneration)),
    ...contradictions(conditions),
  ];
}

function violationsOfOne(condition: Condition, observedGeneration: number): string[] {
  const { type, reason, message } = condition;
  return [
    ...unless(condition.observedGeneration === observedGeneration, `${type} speaks of another generation`),
    ...unless(reasonsOf(type).includes(reason), `${type} has the unknown reason ${reason}`),
    ...unless(message !== "", `${type} says nothing`),
  ];
}

/** Ready has the reason of another condition. */
function reasonsOf(type: string): readonly string[] {
  if (type === "Ready") return ["Ready", ...Object.values(REASONS).flat()];
  return type in REASONS ? REASONS[type as keyof typeof REASONS] : [];
}

function contradictions(conditions: readonly Condition[]): string[] {
  const is = (type: string) => conditions.find((condition) => condition.type === type)?.status;
  const abnormal = ["Reconciling", "Stalled"].filter((type) => is(type) === "True");
  if (is("Ready") !== "True") return unless(abnormal.length < 2, "is Reconciling and Stalled at once");
  const wanted = ["Available", "ReferencesReady", "CertificateReady", "BackplaneReady", "Http2Verified"];
  const missing = wanted.filter((type) => is(type) !== "True");
  return [...abnormal, ...missing].map((type) => `is Ready while ${type} is ${is(type)}`);
}

function violationsBetween(
  before: SseServiceStatus | undefined,
  now: SseServiceStatus | undefined,
): string[] {
  if (before === undefined) return [];
  if (now === undefined) return ["has lost its status"];
  const [older, newer] = [before.observedGeneration ?? 0, now.observedGeneration ?? 0];
  return [
    ...unless(newer >= older, `speaks of generation ${newer} after ${older}`),
    ...(now.conditions ?? []).flatMap((condition) =>
      transitionViolations(
        before.conditions?.find(({ type }) => type === condition.type),
        condition,
      ),
    ),
  ];
}

function transitionViolations(before: Condition | undefined, now: Condition): string[] {
  if (before === undefined) return [];
  const [older, newer] = [Date.parse(before.lastTransitionTime), Date.parse(now.lastTransitionTime)];
  const isSame = before.status === now.status;
  return [
    ...unless(!isSame || newer === older, `${now.type} moved its transition time and not its status`),
    ...unless(isSame || newer >= older, `${now.type} became ${now.status} before it became ${before.status}`),
  ];
}

function unless(isRight: boolean, violation: string): string[] {
  return isRight ? [] : [violation];
}
