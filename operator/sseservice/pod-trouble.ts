/**
 * What keeps pods from serving, in their own words: image, configuration, crash, memory, room. Pure.
 *
 * The words must stay the same while the trouble does, or the status would be written at each try: what counts up or
 * carries a time is left out of them.
 */
import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { lastLogLine } from "./log-line.ts";

/** In the order of weight: one of several is told. */
export const POD_TROUBLES = [
  "ImageNotPulled",
  "ConfigMissing",
  "NotStarted",
  "OutOfMemory",
  "Crashing",
  "Unschedulable",
] as const;

export interface PodTrouble {
  readonly reason: (typeof POD_TROUBLES)[number];
  readonly message: string;
  /** It will not pass by itself. */
  readonly needsHuman: boolean;
}

/** The weightiest trouble of these pods; those that are leaving have none. */
export function podTrouble(pods: readonly V1Pod[]): PodTrouble | undefined {
  const troubles = pods.filter(({ metadata }) => !metadata?.deletionTimestamp).flatMap(troublesOf);
  const [first] = troubles.sort((a, b) => weightOf(a) - weightOf(b) || a.message.localeCompare(b.message));
  return first;
}

function weightOf({ reason }: PodTrouble): number {
  return POD_TROUBLES.indexOf(reason);
}

function troublesOf({ status }: V1Pod): PodTrouble[] {
  const scheduling = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduling?.status === "False") {
    const message = `No node takes the pod: ${scheduling.message ?? scheduling.reason}`;
    return [{ reason: "Unschedulable", message, needsHuman: false }];
  }
  return (status?.containerStatuses ?? []).flatMap(containerTrouble);
}

function containerTrouble(container: V1ContainerStatus): PodTrouble[] {
  if (container.ready) return [];
  return waitingTrouble(container) ?? endTrouble(container);
}

const IMAGE_REASONS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|RegistryUnavailable)$/;
/** A registry's words for what no further try will change. */
const IMAGE_IS_WRONG = /not found|unknown|denied|unauthorized|forbidden|invalid|couldn't parse|not present/i;

function waitingTrouble({ name, image, state }: V1ContainerStatus): PodTrouble[] | undefined {
  const { reason = "", message = "" } = state?.waiting ?? {};
  if (IMAGE_REASONS.test(reason)) {
    // The same words are first an error, and then the reason of a back-off.
    const cause = message.replace(/^Back-off pulling image "[^"]*"(: ErrImagePull)?(: )?/, "") || reason;
    return [
      {
        reason: "ImageNotPulled",
        message: `The image "${image}" of the container ${name} cannot be pulled: ${cause}`,
        needsHuman: reason === "InvalidImageName" || IMAGE_IS_WRONG.test(cause),
      },
    ];
  }
  if (reason === "CreateContainerConfigError") {
    const next = `create it, and the pods start by themselves`;
    return [
      {
        reason: "ConfigMissing",
        message: `The container ${name} needs something that is not there: ${message}; ${next}`,
        needsHuman: true,
      },
    ];
  }
  if (reason === "CreateContainerError" || reason === "RunContainerError") {
    return [
      {
        reason: "NotStarted",
        message: `The container ${name} cannot be started: ${message}`,
        needsHuman: true,
      },
    ];
  }
  return undefined;
}

/** A crash or two may come of something that starts at the same time. */
const CRASHES_THAT_TELL = 3;

function endTrouble({ name, state, lastState, restartCount }: V1ContainerStatus): PodTrouble[] {
  const end = state?.terminated ?? lastState?.terminated;
  if (!end || end.exitCode === 0) return [];
  const needsHuman = restartCount >= CRASHES_THAT_TELL;
  if (end.reason === "OOMKilled") {
    const next = "raise the memory limit in spec.pod.resources";
    return [
      {
        reason: "OutOfMemory",
        message: `The container ${name} needs more memory than it may have: ${next}`,
        needsHuman,
      },
    ];
  }
  const line = lastLogLine(end.message ?? "");
  const said = line === undefined ? "without a word" : `its last words: ${line}`;
  return [
    {
      reason: "Crashing",
      message: `The container ${name} ends with exit code ${end.exitCode}, ${said}`,
      needsHuman,
    },
  ];
}
