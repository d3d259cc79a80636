/** The objects that a watch sends first, up to the bookmark that says that these were all. */
import type { Clock } from "#operator/engine/clock.ts";
import { ClusterError, type KubernetesObject } from "#operator/engine/cluster.ts";
import type { Listing } from "./list.ts";
import type { WatchEvent } from "./parse.ts";

/**
 * A server that does not know how to mark the end of the initial events never will. Longer than the transport waits for an
 * answer to begin: a server that does not answer at all is another trouble.
 */
const MAX_SILENCE_MS = 40_000;

/** Leaves the events after the bookmark to be read. Calls `onSilence`, which is to end the stream, when nothing comes. */
export async function collectInitialEvents(
  events: AsyncIterator<WatchEvent>,
  clock: Clock,
  onSilence: () => void,
): Promise<Listing> {
  const objects = new Map<string | undefined, KubernetesObject>();
  for (;;) {
    const cancel = clock.after(MAX_SILENCE_MS, onSilence);
    const next = await events.next().finally(cancel);
    if (next.done === true)
      throw new ClusterError("Unavailable", "Cannot watch: the stream ended within its initial events");
    const event = next.value;
    if (event.type === "changed") objects.set(event.object.metadata.uid, event.object);
    if (event.type === "deleted") objects.delete(event.object.metadata.uid);
    if (event.type === "bookmark" && event.endsInitialEvents) {
      return { objects: [...objects.values()], resourceVersion: event.resourceVersion };
    }
  }
}
