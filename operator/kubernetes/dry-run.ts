/** What the API server would make of a write, by its own dry run: defaults, admission and validation included. Writes nothing. */
import type { DesiredObject, KubernetesObject } from "#operator/engine/cluster.ts";
import { formatRef, refOf } from "#operator/engine/object.ts";
import { requestJson } from "./api-client.ts";
import { parseObject } from "./parse.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";

/** Every request of it carries `dryRun=All`. Rejects with ClusterError, as the write would. */
export type DryRun = {
  /** As the operator's apply of the object would leave it. With `uid`, it must still be the object of that uid. */
  apply(object: DesiredObject, uid: string | undefined): Promise<KubernetesObject>;
  /** As a person's create, or update where it exists already, would leave it. */
  put(object: KubernetesObject, exists: boolean): Promise<KubernetesObject>;
};

export function createDryRun(transport: Transport, paths: ResourcePaths, fieldManager: string): DryRun {
  async function send(
    object: DesiredObject,
    method: "PATCH" | "POST" | "PUT",
    { path, query, contentType }: { path: string; query: Record<string, string>; contentType: string },
  ): Promise<KubernetesObject> {
    const what = `apply "${formatRef(refOf(object))}"`;
    const answer = await requestJson(transport, {
      method,
      path,
      what,
      query: { ...query, dryRun: "All" },
      contentType,
      body: object,
    });
    return parseObject(answer, { apiVersion: object.apiVersion, kind: object.kind });
  }

  return {
    apply: (object, uid) => {
      const body = uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
      return send(body, "PATCH", {
        path: paths.object(refOf(object)),
        query: { fieldManager, force: "true" },
        contentType: "application/apply-patch+yaml",
      });
    },
    put: (object, exists) =>
      send(object, exists ? "PUT" : "POST", {
        path: exists ? paths.object(refOf(object)) : paths.collection(refOf(object)),
        query: { fieldValidation: "Strict" },
        contentType: "application/json",
      }),
  };
}
