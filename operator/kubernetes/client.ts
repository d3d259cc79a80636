/** The engine's port to Kubernetes, over the API server's REST interface. */
import {
  type Cluster,
  ClusterError,
  type ClusterEvent,
  type DesiredObject,
  type DesiredStatus,
  type IdentityOptions,
  type KubernetesObject,
  type ObjectQuery,
  type ObjectRef,
  type ReadOptions,
  type Watch,
  type WatchSink,
  type WriteOptions,
} from "#operator/engine/cluster.ts";
import { formatRef, refOf } from "#operator/engine/object.ts";
import { type ApiRequest, requestJson } from "./api-client.ts";
import { EventRecorder, type EventSource } from "./events.ts";
import { listObjects } from "./list.ts";
import { parseObject } from "./parse.ts";
import { startReflector } from "./reflector.ts";
import type { ResourcePaths } from "./resource-paths.ts";
import type { Transport } from "./transport.ts";
import { METADATA_ONLY } from "./watch-stream.ts";

export type ClusterOptions = {
  transport: Transport;
  paths: ResourcePaths;
  /** Under which all applies are made. Another name in another release would leave removed fields behind. */
  fieldManager: string;
  /** Who signs the recorded events. */
  eventSource: EventSource;
  /** An event could not be stored; for logs. */
  onEventLost?: (error: ClusterError, event: ClusterEvent) => void;
};

/** `close` writes the events that wait and ends everything that is still open. */
export type ClosableCluster = Cluster & { close(): Promise<void> };

export function createCluster(options: ClusterOptions): ClosableCluster {
  return new RestCluster(options);
}

class RestCluster implements ClosableCluster {
  readonly #transport: Transport;
  readonly #paths: ResourcePaths;
  readonly #fieldManager: string;
  readonly #events: EventRecorder;

  constructor({ transport, paths, fieldManager, eventSource, onEventLost = () => {} }: ClusterOptions) {
    this.#transport = transport;
    this.#paths = paths;
    this.#fieldManager = fieldManager;
    this.#events = new EventRecorder({
      source: eventSource,
      apply: (event) => this.apply(event),
      onLost: onEventLost,
    });
  }

  async get(
    ref: ObjectRef,
    { metadataOnly, signal }: ReadOptions = {},
  ): Promise<KubernetesObject | undefined> {
    const request = {
      method: "GET",
      path: this.#paths.object(ref),
      what: `get "${formatRef(ref)}"`,
      signal,
    } as const;
    try {
      return await this.#send(ref, { ...request, ...(metadataOnly === true && { accept: METADATA_ONLY }) });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async list(query: ObjectQuery, { signal }: WriteOptions = {}): Promise<KubernetesObject[]> {
    const { objects } = await listObjects(this.#transport, this.#paths, query, signal);
    return objects;
  }

  apply(object: DesiredObject, { uid, signal }: IdentityOptions = {}): Promise<KubernetesObject> {
    const ref = refOf(object);
    const body = uid === undefined ? object : { ...object, metadata: { ...object.metadata, uid } };
    return this.#send(
      ref,
      this.#applyRequest(`apply "${formatRef(ref)}"`, this.#paths.object(ref), body, signal),
    );
  }

  applyStatus(object: DesiredStatus, { signal }: WriteOptions = {}): Promise<KubernetesObject> {
    const ref = refOf(object);
    const path = this.#paths.object(ref, "status");
    return this.#send(
      ref,
      this.#applyRequest(`write the status of "${formatRef(ref)}"`, path, object, signal),
    );
  }

  async delete(ref: ObjectRef, { uid, signal }: IdentityOptions = {}): Promise<void> {
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    try {
      await requestJson(this.#transport, {
        method: "DELETE",
        path: this.#paths.object(ref),
        what: `delete "${formatRef(ref)}"`,
        body: { propagationPolicy: "Background", ...preconditions },
        signal,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  watch(query: ObjectQuery, sink: WatchSink): Watch {
    return startReflector({ transport: this.#transport, paths: this.#paths, query, sink });
  }

  recordEvent(event: ClusterEvent): void {
    this.#events.record(event);
  }

  async close(): Promise<void> {
    await this.#events.flush();
    await this.#transport.close();
  }

  #applyRequest(what: string, path: string, body: object, signal: AbortSignal | undefined): ApiRequest {
    return {
      method: "PATCH",
      path,
      what,
      query: { fieldManager: this.#fieldManager, force: "true" },
      contentType: "application/apply-patch+yaml",
      body,
      signal,
    };
  }

  async #send({ apiVersion, kind }: ObjectRef, request: ApiRequest): Promise<KubernetesObject> {
    return parseObject(await requestJson(this.#transport, request), { apiVersion, kind });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.kind === "NotFound";
}
