import {
  chatScopeOf,
  directionOf,
  type StoreRejectedError,
  type Direction,
  type InstanceEvents,
  type InstanceId,
  type MessageEvent,
  type Outcome,
  type StateEvent,
} from "@ticktally/core";
import { ChatScope } from "./chat-scope.ts";
import { unreadable } from "../records/readable.ts";
import { NOT_STORED, type Stored } from "../records/stored.ts";

/** One message of a batch: its events, and where in the batch they are. */
export class MessageWork {
  readonly direction: Direction;
  readonly idMessage: string;
  /** `undefined` where ids are unique without their chat. */
  readonly scope: ChatScope | undefined;
  readonly events: MessageEvent[];
  readonly places: number[];
  /** The record's hash field, once it was asked for. */
  field: Buffer = NOT_STORED.value;
  /** As it was read; `undefined` while it was not. */
  stored: Stored | undefined;
  /** It was taken for new without being read. */
  isGuessed = false;
  /** As it will be once the commit that is under way is done. */
  after: Stored | undefined;

  constructor(direction: Direction, event: MessageEvent, place: number) {
    this.direction = direction;
    this.idMessage = event.idMessage;
    const chatId = chatScopeOf(event);
    this.scope = chatId === undefined ? undefined : new ChatScope(chatId);
    this.events = [event];
    this.places = [place];
  }
}

/** Up to here a look at each is quicker than a map. */
const LOOKED_THROUGH_MAX = 8;

/** What a batch has for one instance, and how far it is. */
export class InstanceWork {
  readonly instance: InstanceId;
  readonly outcomes: Outcome[];
  /** All of them; those from {@link done} on are not committed yet. */
  readonly messages: MessageWork[] = [];
  done = 0;
  /** So many of the next ones are read and decided on in the commit that is under way. */
  underWay = 0;
  /** The commit that is under way was decided on what another one did not get stored, so it will hardly be done. */
  isInDoubt = false;
  readonly #byKey: Map<string, MessageWork> | undefined;
  /** What the gateway reported of its account's state, until it is stored, and where in the batch that is. */
  states: { readonly event: StateEvent; readonly place: number }[] = [];
  /** Unix seconds; 0 once it is stored. */
  lastReceipt = 0;
  isDone = false;
  /** What is remembered of its messages was outdated: read them. */
  isToBeRead = false;
  /** Why what is left of it is not done. */
  rejection: StoreRejectedError | undefined;

  constructor({ instance, events }: InstanceEvents) {
    this.instance = instance;
    this.outcomes = new Array<Outcome>(events.length);
    this.#byKey = events.length > LOOKED_THROUGH_MAX ? new Map<string, MessageWork>() : undefined;
    for (let place = 0; place < events.length; place++) {
      const event = events[place];
      if (event === undefined) continue;
      if (event.receivedAt > this.lastReceipt) this.lastReceipt = event.receivedAt;
      this.outcomes[place] = "ignored";
      if (event.kind === "state") this.states.push({ event, place });
      else if (event.kind !== "signal") this.#add(event, place);
    }
  }

  /** @param chatId where that is a part of its key @returns `undefined` if no event is about it */
  message(direction: Direction, idMessage: string, chatId: string | undefined): MessageWork | undefined {
    if (this.#byKey !== undefined) return this.#byKey.get(keyOf(direction, idMessage, chatId));
    for (const message of this.messages)
      if (message.idMessage === idMessage && message.direction === direction && message.scope?.chatId === chatId)
        return message;
    return undefined;
  }

  /** What was under way is stored. */
  committed(): void {
    this.done += this.underWay;
    this.states = [];
    this.lastReceipt = 0;
    this.isDone = this.done === this.messages.length;
    this.isToBeRead = false;
  }

  reject(rejection = unreadable(this.instance)): void {
    this.rejection = rejection;
    this.isDone = true;
  }

  #add(event: MessageEvent, place: number): void {
    const direction = directionOf(event);
    const chatId = chatScopeOf(event);
    const known = this.message(direction, event.idMessage, chatId);
    if (known !== undefined) {
      known.events.push(event);
      known.places.push(place);
      return;
    }
    const message = new MessageWork(direction, event, place);
    this.messages.push(message);
    this.#byKey?.set(keyOf(direction, event.idMessage, chatId), message);
  }
}

/** A message to oneself is two. */
function keyOf(direction: Direction, idMessage: string, chatId: string | undefined): string {
  const key = direction === "outgoing" ? idMessage : `\0${idMessage}`;
  return chatId === undefined ? key : `\u0001${chatId}\0${key}`;
}

/** What reports of its account's state cost for an instance, in messages: its last 50 are compared and stored as a whole. */
const STATES_COST = 5;

/**
 * The first works that cost about as much as so many messages. An instance without messages, such as one that is only active, costs as much as
 * one message. The first work is taken whatever its size, for a reading takes some of it.
 */
export function firstOf(works: readonly InstanceWork[], messagesMax: number): readonly InstanceWork[] {
  let cost = 0;
  const tooMuchFrom = works.findIndex(({ messages, done, states }, i) => {
    cost += Math.max(1, messages.length - done) + (states.length > 0 ? STATES_COST : 0);
    return i > 0 && cost > messagesMax;
  });
  return tooMuchFrom === -1 ? works : works.slice(0, tooMuchFrom);
}
