/** What ends TLS and HTTP/2 on one core: a pod's nginx and runtime, and Centrifugo by itself. */
import { join } from "node:path";
import type { Progress } from "#cluster/progress.ts";
import type { Address, Http2Subscribe, PublishEndpoint } from "../load/load.ts";
import type { Measured } from "../report/rounds.ts";
import {
  centrifugoAddress,
  centrifugoPublish,
  prepareCentrifugo,
  startCentrifugo,
  STREAM_PATH,
} from "../servers/centrifugo.ts";
import { writeCertificate } from "../servers/certificate.ts";
import { startPod } from "../servers/pod.ts";
import { publishTo } from "../servers/our-runtime.ts";
import type { Programs } from "../servers/programs.ts";
import { together, type Server } from "../servers/server.ts";
import { prepareSidecar, sidecarAddress } from "../servers/sidecar.ts";

export type SecurePeerName = "pod" | "centrifugo";

export interface SecurePeer extends Measured<SecurePeerName> {
  prepare(progress: Progress): Promise<void>;
  start(folder: string, programs: Programs): Promise<RunningSecurePeer>;
}

interface RunningSecurePeer {
  readonly server: Server;
  readonly subscribe: Pick<Http2Subscribe, keyof Address | "path">;
  readonly publish: PublishEndpoint;
}

export const pod: SecurePeer = {
  name: "pod",
  title: "nginx and this runtime",
  isOurs: true,
  prepare: (progress) => progress.step("get nginx (once, then cached)", undefined, prepareSidecar),
  async start(folder, programs) {
    const { nginx, runtime } = await startPod(folder, programs);
    return {
      server: together(nginx, runtime),
      subscribe: { ...sidecarAddress, path: "/status?topic=bench" },
      publish: { ...publishTo(sidecarAddress, "text/plain"), tls: true },
    };
  },
};

export const centrifugo: SecurePeer = {
  name: "centrifugo",
  title: "Centrifugo",
  isOurs: false,
  prepare: prepareCentrifugo,
  start: async (folder) => ({
    server: await startCentrifugo(folder, await writeCertificate(join(folder, "tls"))),
    subscribe: { ...centrifugoAddress, path: STREAM_PATH },
    publish: { ...centrifugoPublish, tls: true },
  }),
};
