import { expect, test } from "vitest";
import { planContext } from "./context.ts";

const names = ["localhost/sse-operator/operator:t1", "localhost/sse-operator/runtime:t1"];

test.each([
  ["kind-dev", ["kind", "load", "docker-image", "IMAGE", "--name", "dev"]],
  ["k3d-my-lab", ["k3d", "image", "import", "IMAGE", "--cluster", "my-lab"]],
  ["minikube", ["minikube", "image", "load", "IMAGE", "--profile", "minikube"]],
])("%s takes the images from docker", (context, command) => {
  const planning = planContext({ context, registry: undefined, tag: "t1" });
  const loads = names.map((name) => command.map((word) => (word === "IMAGE" ? name : word)));
  expect(planning).toMatchObject({ ok: true, plan: { operator: names[0], runtime: names[1] } });
  expect(planning.ok && planning.plan.commands).toEqual([
    ["docker", "build", "--file", "Dockerfile.operator", "--tag", names[0], "."],
    ["docker", "build", "--file", "Dockerfile.runtime", "--tag", names[1], "."],
    ...loads,
  ]);
});

test.each(["prod", "kind-dev"])("with a registry, %s gets the images from there", (context) => {
  const planning = planContext({ context, registry: "r.example/team/", tag: "t1" });
  expect(planning.ok && planning.plan.commands.slice(2)).toEqual([
    ["docker", "push", "r.example/team/operator:t1"],
    ["docker", "push", "r.example/team/runtime:t1"],
  ]);
});

test("another cluster without a registry is refused with what to add", () => {
  expect(planContext({ context: "prod", registry: undefined, tag: "t1" })).toMatchObject({
    ok: false,
    problem: expect.stringContaining("--registry PREFIX"),
  });
});
