/** Stalled: only a human can help. Pure. */
import { describeMissing } from "../references.ts";
import { podTrouble } from "../pod-trouble.ts";
import { podsProblem } from "./pods-problem.ts";
import { type Checks, no, yes } from "./verdict.ts";

export const stalled: Checks<"Stalled"> = [
  ({ issues }) => {
    const problems = issues.map(({ field, message }) => `${field}: ${message}`);
    return problems.length === 0
      ? undefined
      : yes("InvalidSpec", `Correct the resource: ${problems.join("; ")}`);
  },
  ({ failures }) => {
    for (const { reason, message } of failures) if (reason !== "ApplyFailed") return yes(reason, message);
    return undefined;
  },
  ({ missingReferences: [first] }) => first && yes("ReferenceMissing", describeMissing(first)),
  ({ certificateProblem: problem }) =>
    problem && problem.reason !== "IssuancePending" ? yes(problem.reason, problem.message) : undefined,
  (observation) => {
    const problem = podsProblem(observation);
    return problem?.needsHuman ? yes(problem.reason, problem.message) : undefined;
  },
  ({ backplanePods }) => {
    const trouble = podTrouble(backplanePods);
    return trouble?.needsHuman ? yes(trouble.reason, `The managed backplane: ${trouble.message}`) : undefined;
  },
  () => no("NotStalled", "Nothing needs a human"),
];
