/** Centrifugo, with a connection for each subscriber. */
import {
  centrifugoAddress,
  centrifugoPublish,
  prepareCentrifugo,
  startCentrifugo,
  STREAM_PATH,
} from "../servers/centrifugo.ts";
import { lines } from "../servers/request.ts";
import type { Peer } from "./peer.ts";

export const centrifugo: Peer = {
  name: "centrifugo",
  title: "Centrifugo, over TCP",
  isOurs: false,
  prepare: prepareCentrifugo,
  start: async (folder) => ({
    server: await startCentrifugo(folder),
    subscribe: { ...centrifugoAddress, request: lines(`GET ${STREAM_PATH} HTTP/1.1`, "Host: bench", "") },
    publish: centrifugoPublish,
  }),
};
