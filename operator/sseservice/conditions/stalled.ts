/** Stalled: only a human can help. Pure. */
import { describeMissing } from "../references.ts";
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
  () => no("NotStalled", "Nothing needs a human"),
];
