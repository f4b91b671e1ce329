import { SHAPES } from "../shapes/shapes.ts";
import type { Shape } from "../shapes/shape.ts";
import { CHARACTERS, CODE_SECONDS, CODES, type Character } from "./characters.ts";
import { LATEST_SENDING_SECONDS, promptSendings, sendingsOf, type Faults } from "./faults.ts";
import type { SimulatedEvent, SimulatedMessage } from "./message.ts";
import { LAST_EVENT_SECONDS, outcomeOf } from "./outcome.ts";
import { Random } from "./random.ts";
import { campaignIn, dailyIncident, usualMessages, type Incident } from "./rhythm.ts";
import { stateChanges, type StateChange } from "./states.ts";
import { ACTIONS, contentKind } from "./types.ts";

export interface TrafficOptions {
  readonly seed: number;
  /** The number of instances besides `codes`. Characters repeat in order. */
  readonly instances: number;
  /** The characters to use; all by default. */
  readonly characters?: readonly Character[];
  /** A factor for the characters' number of messages. */
  readonly scale: number;
  readonly faults: Faults;
  /** Since when `codes` sends, Unix seconds. */
  readonly codesFrom: number;
}

export interface SimulatedInstance {
  /** 0 is `codes`. */
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly character: Character;
  readonly shape: Shape;
}

/** A webhook and when it is sent. */
export interface Sending {
  readonly instance: SimulatedInstance;
  /** Unix ms */
  readonly atMs: number;
  readonly of: StateChange | { readonly message: SimulatedMessage; readonly event: SimulatedEvent };
}

/** A webhook as its gateway posts it. */
export function webhookOf({ instance: { id, shape }, of }: Sending): object | undefined {
  return "state" in of ? shape.stateWebhook?.(id, of.state, of.at) : shape.webhook(id, of.message, of.event);
}

/** Unix ms, the end not included. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** More messages in a minute would share serial numbers. */
const MESSAGES_A_MINUTE_MAX = 65_536;
/** The longest time from a message to its last webhook. */
export const LAST_SENDING_SECONDS = LAST_EVENT_SECONDS + LATEST_SENDING_SECONDS;
const [PURPOSE_MESSAGES, PURPOSE_FAULTS] = [0, 1];

/**
 * Traffic as a pure function of its options: an instance's messages in a minute, and everything that will happen to them, follow from seed,
 * instance and minute. So no state is needed: history, live traffic, journals and the expected counts are computed from the same minutes,
 * in any order, before and after a restart.
 */
export class Traffic {
  readonly instances: readonly SimulatedInstance[];
  readonly #options: TrafficOptions;
  readonly #incidents = new Map<number, Incident[]>();

  constructor(options: TrafficOptions) {
    this.#options = options;
    const { characters = CHARACTERS } = options;
    const others = Array.from({ length: options.instances }, (_, i) => {
      const character = characters[i % characters.length] ?? CHARACTERS[0];
      const round = Math.floor(i / characters.length);
      return { character, name: round === 0 ? character.name : `${character.name}-${String(round + 1)}` };
    });
    this.instances = [{ character: CODES, name: CODES.name }, ...others].map(({ character, name }, number) => {
      const shape = SHAPES[character.product];
      return { number, id: shape.instanceId(options.seed, number), name, character, shape };
    });
  }

  /** From the next minute on more of an instance's messages fail. @param minute since 1970 */
  addIncident(instance: SimulatedInstance, incident: Incident): void {
    const known = this.#incidents.get(instance.number) ?? [];
    this.#incidents.set(instance.number, [...known, incident]);
  }

  /** The messages of an instance that begin in a minute. @param minute since 1970 */
  messages(instance: SimulatedInstance, minute: number): readonly SimulatedMessage[] {
    if (instance.character === CODES) return this.#codes(instance, minute);
    const random = new Random(this.#options.seed, instance.number, minute, PURPOSE_MESSAGES);
    const { scale } = this.#options;
    const campaign = campaignIn(instance.character, minute, scale);
    const usual = random.poisson(usualMessages(instance.character, minute, scale));
    const count = Math.min(
      MESSAGES_A_MINUTE_MAX,
      usual + (campaign === undefined ? 0 : random.poisson(campaign.messages)),
    );
    if (count === 0) return [];
    const incidentShare = this.#incidentShare(instance, minute);
    const messages: SimulatedMessage[] = [];
    for (let n = 0; n < count; n++) {
      const label = n < usual ? undefined : campaign?.label;
      messages.push(this.#message(instance, minute, n, { random, label, incidentShare }));
    }
    return messages;
  }

  /** The messages of an instance that begin in a period. */
  *messagesBetween(instance: SimulatedInstance, { fromMs, toMs }: Period): Generator<SimulatedMessage> {
    for (let minute = Math.floor(fromMs / 60_000); minute * 60_000 < toMs; minute++)
      yield* this.messages(instance, minute);
  }

  /** The webhooks sent in one period for messages that begin in another, message by message. */
  *sendings(instance: SimulatedInstance, begun: Period, sent: Period): Generator<Sending> {
    for (const message of this.messagesBetween(instance, begun)) {
      for (const [n, event] of message.events.entries())
        for (const atMs of message.sendings[n] ?? [])
          if (isWithin(atMs, sent)) yield { instance, atMs, of: { message, event } };
    }
    for (const of of stateChanges(this.#options.seed, instance.number, begun)) {
      const atMs = of.at * 1000;
      if (instance.shape.stateWebhook !== undefined && isWithin(atMs, sent)) yield { instance, atMs, of };
    }
  }

  /** Everything sent in a period, including for messages that began earlier. @param sinceMs there are no messages before it */
  allSendings(instance: SimulatedInstance, sent: Period, sinceMs: number): Generator<Sending> {
    const fromMs = Math.max(sinceMs, sent.fromMs - LAST_SENDING_SECONDS * 1000);
    return this.sendings(instance, { fromMs, toMs: sent.toMs }, sent);
  }

  /** The state that an instance's account is in at the end of a period, whether its gateway reports that or not. */
  state(instance: SimulatedInstance, period: Period): string {
    return stateChanges(this.#options.seed, instance.number, period).at(-1)?.state ?? "authorized";
  }

  #message(
    { number, character, id: instanceId, shape }: SimulatedInstance,
    minute: number,
    n: number,
    given: { readonly random: Random; readonly label: string | undefined; readonly incidentShare: number },
  ): SimulatedMessage {
    const { random, label, incidentShare } = given;
    const serial = minute * MESSAGES_A_MINUTE_MAX + n;
    const at = minute * 60 + random.below(60);
    const isGroup = label === undefined && random.chance(character.groupShare);
    // Squared, so some people write far more than others; a campaign reaches all equally.
    const place = label === undefined ? random.next() ** 2 : random.next();
    const chatId = shape.chatId(
      instanceId,
      Math.floor(place * (isGroup ? character.groups : character.contacts)),
      isGroup,
    );
    const isIncoming = label === undefined && random.chance(character.incomingShare);
    const origin = isIncoming
      ? undefined
      : label === undefined && random.chance(character.phoneShare)
        ? "phone"
        : "api";
    const isAction = label === undefined && random.chance(character.actionShare);
    const { type } = isAction ? random.pick(ACTIONS) : random.pick(character.types);
    const kind = isAction ? undefined : contentKind(type);
    const typeMessage = kind?.typeMessage ?? ACTIONS.find((action) => action.type === type)?.typeMessage ?? "";
    const happening: SimulatedEvent[] = [{ what: "observation", at }];
    if (!isIncoming && kind !== undefined) {
      const sent = { at, isGroup, isFile: kind.isFile, isAudio: type === "audio", incidentShare };
      happening.push(...outcomeOf(character, sent, random));
    }
    const direction = isIncoming ? "incoming" : "outgoing";
    const events = shape.reported({ direction, origin, events: happening });
    const drawn = new Random(this.#options.seed, number, serial, PURPOSE_FAULTS);
    const faults = shape.hasJournal ? this.#options.faults : { ...this.#options.faults, lost: 0 };
    return {
      id: shape.messageId(serial, random),
      direction,
      origin,
      chatId,
      isGroup,
      typeMessage,
      type,
      isAction,
      ...(shape.hasPrices && origin === "api"
        ? { priceCategory: label === undefined ? ("utility" as const) : ("marketing" as const) }
        : {}),
      ...(label === undefined ? {} : { label }),
      events,
      sendings: sendingsOf(events, isAction, faults, drawn),
    };
  }

  /** See {@link CODES}. Their webhooks have no faults, so they guarantee a minimum of traffic. */
  #codes({ id: instanceId, character, shape }: SimulatedInstance, minute: number): readonly SimulatedMessage[] {
    const messages: SimulatedMessage[] = [];
    for (let second = 0; second < 60; second += CODE_SECONDS) {
      const at = minute * 60 + second;
      if (at < this.#options.codesFrom) continue;
      const random = new Random(this.#options.seed, at);
      const events = (["observation", "sent", "delivered", "read"] as const).map((what, n) => {
        return { what, at: at + 2 * Math.max(0, n - 1) };
      });
      messages.push({
        id: shape.messageId(minute * MESSAGES_A_MINUTE_MAX + second, random),
        direction: "outgoing",
        origin: "api",
        chatId: shape.chatId(instanceId, random.below(character.contacts), false),
        isGroup: false,
        typeMessage: contentKind("text").typeMessage,
        type: "text",
        isAction: false,
        events,
        sendings: promptSendings(events),
      });
    }
    return messages;
  }

  #incidentShare({ number }: SimulatedInstance, minute: number): number {
    const daily = dailyIncident(this.#options.seed, number, minute);
    const asked = (this.#incidents.get(number) ?? []).filter((of) => minute >= of.fromMinute && minute < of.toMinute);
    return Math.max(0, ...[...asked, ...(daily === undefined ? [] : [daily])].map(({ share }) => share));
  }
}

function isWithin(atMs: number, { fromMs, toMs }: Period): boolean {
  return atMs >= fromMs && atMs < toMs;
}
