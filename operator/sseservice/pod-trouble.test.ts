import { describe, expect, test } from "vitest";
import { podTrouble } from "./pod-trouble.ts";

const base = { name: "runtime", image: "example.com/runtime:1", imageID: "", ready: false, restartCount: 0 };
const pod = (container: object, metadata = {}) => ({
  metadata,
  status: { containerStatuses: [{ ...base, ...container }] },
});
const waiting = (reason: string, message = "") => pod({ state: { waiting: { reason, message } } });
const ended = (terminated: object, restartCount = 1) =>
  pod({ restartCount, state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated } });

const PULL = 'failed to resolve reference "example.com/runtime:1": example.com/runtime:1: not found';

describe("a pod's trouble", () => {
  test.each<[string, object, string, string, boolean]>([
    ["an image that is not there", waiting("ErrImagePull", PULL), "ImageNotPulled", PULL, true],
    [
      "a registry that is away",
      waiting("ErrImagePull", "dial tcp: i/o timeout"),
      "ImageNotPulled",
      "i/o timeout",
      false,
    ],
    ["an image name that is none", waiting("InvalidImageName"), "ImageNotPulled", "InvalidImageName", true],
    [
      "a missing Secret",
      waiting("CreateContainerConfigError", 'secret "mine" not found'),
      "ConfigMissing",
      'secret "mine" not found; create it',
      true,
    ],
    [
      "a program that is not there",
      waiting("RunContainerError", "no such file"),
      "NotStarted",
      "no such file",
      true,
    ],
    [
      "too little memory",
      ended({ exitCode: 137, reason: "OOMKilled" }, 3),
      "OutOfMemory",
      "raise the memory limit in spec.pod.resources",
      true,
    ],
    [
      "a crash",
      ended({
        exitCode: 1,
        message: '{"level":60,"time":1,"msg":"Cannot start","err":{"message":"no port"}}\n',
      }),
      "Crashing",
      "exit code 1, its last words: Cannot start: no port",
      false,
    ],
    ["a crash again and again", ended({ exitCode: 2 }, 3), "Crashing", "without a word", true],
  ])("%s", (_, trouble, reason, message, needsHuman) => {
    expect(podTrouble([trouble])).toEqual({ reason, message: expect.stringContaining(message), needsHuman });
  });

  test("is no room on any node", () => {
    const conditions = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/2 nodes are available" },
    ];
    expect(podTrouble([{ status: { conditions } }])).toEqual({
      reason: "Unschedulable",
      message: "No node takes the pod: 0/2 nodes are available",
      needsHuman: false,
    });
  });

  test("is told in the same words at each try", () => {
    const backOff = waiting(
      "ImagePullBackOff",
      `Back-off pulling image "example.com/runtime:1": ErrImagePull: ${PULL}`,
    );
    expect(podTrouble([backOff])).toEqual(podTrouble([waiting("ErrImagePull", PULL)]));

    const end = { exitCode: 1, message: "2026/01/01 00:00:00 [emerg] bad config" };
    const later = { exitCode: 1, message: "2026/01/01 00:00:09 [emerg] bad config" };
    const told = podTrouble([ended(end)]);
    expect(told?.message).toContain("last words: [emerg] bad config");
    expect(podTrouble([pod({ restartCount: 2, state: { terminated: later } })])).toEqual(told);
    expect(
      podTrouble([pod({ restartCount: 2, state: { running: {} }, lastState: { terminated: later } })]),
    ).toEqual(told);
  });

  test.each<[string, object]>([
    ["a pod that starts", waiting("ContainerCreating")],
    ["a pod that is ready after a crash", pod({ ready: true, lastState: { terminated: { exitCode: 1 } } })],
    ["a pod that leaves", pod({ state: { terminated: { exitCode: 1 } } }, { deletionTimestamp: "now" })],
    ["a container that ended well", ended({ exitCode: 0 })],
  ])("%s has none", (_, well) => {
    expect(podTrouble([well])).toBeUndefined();
  });

  test("of several is the weightiest, whatever their order", () => {
    const pods = [ended({ exitCode: 1 }), waiting("ErrImagePull", PULL)];
    expect(podTrouble(pods)).toMatchObject({ reason: "ImageNotPulled" });
    expect(podTrouble(pods.toReversed())).toMatchObject({ reason: "ImageNotPulled" });
  });
});
