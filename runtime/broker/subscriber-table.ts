/**
 * Who listens to what. Dense arrays, so that a pass over them is a plain loop, and nothing remains of a topic once its
 * last subscriber has left.
 */
import type { StoredEvent, Topic } from "./event.ts";
import type { Subscription } from "./subscription.ts";

/** One subscription's place in one channel. */
export interface Seat {
  readonly subscription: Subscription;
  readonly channel: Channel;
  index: number;
}

/** The live subscribers of one topic. */
export interface Channel {
  readonly topic: Topic;
  readonly seats: Seat[];
  /** The topic's events of the pass that is under way. */
  batch: StoredEvent[];
}

export class SubscriberTable {
  /** Every subscription, live or catching up. Removal moves the last one, so loops that may remove go downwards. */
  readonly all: Subscription[] = [];
  readonly #channels = new Map<Topic, Channel>();

  get topicCount(): number {
    return this.#channels.size;
  }

  channel(topic: Topic): Channel | undefined {
    return this.#channels.get(topic);
  }

  add(subscription: Subscription): void {
    subscription.index = this.all.length;
    this.all.push(subscription);
  }

  /** From now on the subscription is in the passes over its topics. */
  seat(subscription: Subscription): void {
    subscription.seats = subscription.topics.map((topic) => this.#takeSeat(subscription, topic));
  }

  remove(subscription: Subscription): void {
    for (const seat of subscription.seats) this.#leaveSeat(seat);
    subscription.seats = [];
    const moved = this.all.pop();
    if (moved === undefined || moved === subscription) return;
    this.all[subscription.index] = moved;
    moved.index = subscription.index;
  }

  #takeSeat(subscription: Subscription, topic: Topic): Seat {
    const channel = this.#channels.get(topic);
    if (channel !== undefined) {
      const seat = { subscription, channel, index: channel.seats.length };
      channel.seats.push(seat);
      return seat;
    }
    const created: Channel = { topic, seats: [], batch: [] };
    const seat = { subscription, channel: created, index: 0 };
    created.seats.push(seat);
    this.#channels.set(topic, created);
    return seat;
  }

  #leaveSeat({ channel, index }: Seat): void {
    const moved = channel.seats.pop();
    const left = channel.seats[index];
    if (moved !== undefined && left !== undefined) {
      channel.seats[index] = moved;
      moved.index = index;
    }
    if (channel.seats.length === 0) this.#channels.delete(channel.topic);
  }
}
