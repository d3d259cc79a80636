/** Where the API server serves SseServices. */
import type { ResourceType } from "#operator/kubernetes/resource-paths.ts";
import { GROUP, KIND, PLURAL, VERSION } from "#operator/sseservice/spec.ts";

export const SERVICE_TYPE: ResourceType = {
  apiVersion: `${GROUP}/${VERSION}`,
  kind: KIND,
  plural: PLURAL,
  namespaced: true,
};
