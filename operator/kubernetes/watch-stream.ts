/** One watch request: the events of its body, one by one, until the server ends it. Knows nothing of positions or retries. */
import type { ObjectQuery } from "#operator/engine/cluster.ts";
import { openRequest } from "./api-client.ts";
import { errorFromTransport } from "./errors.ts";
import { parseJson, parseWatchEvent, type WatchEvent } from "./parse.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";

export type WatchRequest = {
  query: ObjectQuery;
  /** Where to go on; `undefined` asks for everything that exists first, ended by a bookmark. */
  resourceVersion: string | undefined;
  timeoutSeconds: number;
  signal: AbortSignal;
  /** The server has answered; events may be long in coming. */
  onOpen: () => void;
};

export const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
export const METADATA_ONLY_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/** Throws `ClusterError`, also for an error that the server sends as an event. */
export async function* openWatch(
  transport: Transport,
  paths: ResourcePaths,
  request: WatchRequest,
): AsyncGenerator<WatchEvent> {
  const { query, signal, resourceVersion, timeoutSeconds, onOpen } = request;
  const type = { apiVersion: query.apiVersion, kind: query.kind };
  const what = `watch "${query.apiVersion}/${query.kind}"`;
  const response = await openRequest(transport, {
    method: "GET",
    path: paths.collection(query),
    what,
    signal,
    accept: query.metadataOnly === true ? METADATA_ONLY : "application/json",
    query: {
      watch: "1",
      allowWatchBookmarks: "true",
      timeoutSeconds: String(timeoutSeconds),
      labelSelector: query.labelSelector,
      fieldSelector: query.fieldSelector,
      ...(resourceVersion === undefined
        ? { sendInitialEvents: "true", resourceVersionMatch: "NotOlderThan" }
        : { resourceVersion }),
    },
  });
  onOpen();
  try {
    for await (const line of splitLines(response.body)) {
      yield trimEvent(query, parseWatchEvent(parseJson(line, what), type, what));
    }
  } catch (error) {
    throw errorFromTransport(what, error, signal);
  }
}

function trimEvent({ trim }: ObjectQuery, event: WatchEvent): WatchEvent {
  return trim && event.type !== "bookmark" ? { ...event, object: trim(event.object) } : event;
}

/** A last line without its end was cut off by whatever broke the stream: it will be sent again from the last position. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}
