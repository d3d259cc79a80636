/** All objects of a query, page by page. */
import { ClusterError, type KubernetesObject, type ObjectQuery } from "#operator/engine/cluster.ts";
import { requestJson } from "./api-client.ts";
import { type ListPage, parseListPage } from "./parse.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";
import { METADATA_ONLY_LIST } from "./watch-stream.ts";

const PAGE_SIZE = "500";

export type Listing = { objects: KubernetesObject[]; resourceVersion: string };

/** What existed at one moment, whose version is `resourceVersion`. */
export async function listObjects(
  transport: Transport,
  paths: ResourcePaths,
  query: ObjectQuery,
  signal?: AbortSignal,
): Promise<Listing> {
  const read = async (limit: string | undefined, continueToken: string | undefined): Promise<ListPage> => {
    const answer = await requestJson(transport, {
      method: "GET",
      path: paths.collection(query),
      what: `list "${query.apiVersion}/${query.kind}"`,
      accept: query.metadataOnly === true ? METADATA_ONLY_LIST : "application/json",
      query: {
        limit,
        continue: continueToken,
        labelSelector: query.labelSelector,
        fieldSelector: query.fieldSelector,
      },
      signal,
    });
    const page = parseListPage(answer, { apiVersion: query.apiVersion, kind: query.kind });
    return query.trim ? { ...page, objects: page.objects.map(query.trim) } : page;
  };
  try {
    return await readPages((continueToken) => read(PAGE_SIZE, continueToken));
  } catch (error) {
    // The moment was compacted away between two pages: ask for all of it at once.
    if (error instanceof ClusterError && error.kind === "Expired") return read(undefined, undefined);
    throw error;
  }
}

async function readPages(read: (continueToken: string | undefined) => Promise<ListPage>): Promise<Listing> {
  const objects: KubernetesObject[] = [];
  let continueToken: string | undefined;
  for (;;) {
    const page = await read(continueToken);
    for (const object of page.objects) objects.push(object);
    if (page.continueToken === "") return { objects, resourceVersion: page.resourceVersion };
    continueToken = page.continueToken;
  }
}
