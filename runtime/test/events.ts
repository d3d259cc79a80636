/** Events for tests. */
import { parseEventType, parseTopic, type NewEvent, type Topic } from "#runtime/broker/event.ts";

export function topicNamed(name: string): Topic {
  const topic = parseTopic(name);
  if (topic === undefined) throw new Error(`Cannot use the topic "${name}"`);
  return topic;
}

export function newEvent(data: string, topic = "default", type?: string): NewEvent {
  return {
    topic: topicNamed(topic),
    type: type === undefined ? undefined : parseEventType(type),
    data: Buffer.from(data),
  };
}
