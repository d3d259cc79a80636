/** Paused: nothing is applied, deleted or renewed, as the resource asks for. Pure. */
import { type Checks, no, unknown, yes } from "./verdict.ts";

const RESUME = "set spec.paused to false to go on";

export const paused: Checks<"Paused"> = [
  ({ service }) =>
    service ? undefined : unknown("NotKnown", "The resource is invalid; see the Stalled condition"),
  ({ service }) => (service?.spec.paused ? undefined : no("NotPaused", "Changes are applied as they come")),
  ({ waiting }) =>
    waiting.length > 0
      ? yes("ChangesWait", `Nothing is touched, and changes wait of ${waiting.join(", ")}; ${RESUME}`)
      : undefined,
  () => yes("Paused", `Nothing is applied, deleted or renewed; ${RESUME}`),
];
