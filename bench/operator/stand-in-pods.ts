/** Answers for every pod: what the runtime's management port says when all is well. */
import { createServer } from "node:http";
import { once } from "node:events";
import { MANAGEMENT_PORT } from "#operator/sseservice/resources/pod-layout.ts";

const STATS = JSON.stringify({ connections: 0, backplane: { state: "up", problems: [] } });

export interface StandInPods {
  /** How often one was asked. */
  readonly answers: () => number;
  readonly stop: () => Promise<void>;
}

/** On every address of this network namespace. */
export async function startStandInPods(): Promise<StandInPods> {
  let answers = 0;
  const server = createServer((_request, response) => {
    answers += 1;
    response.setHeader("content-type", "application/json").end(STATS);
  });
  server.listen(MANAGEMENT_PORT);
  await once(server, "listening");
  return {
    answers: () => answers,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
