import fc from "fast-check";
import { CHAT_KINDS, type ChatKind } from "../chats/chat-id.ts";
import type { FailureEvent, InstanceEvent, MessageEvent, Origin } from "../messages/message-event.ts";
import { FAILURE_REASONS, REASONS_BY_FAILURE } from "../messages/failure-reason.ts";
import { PRICE_CATEGORIES, PRICE_TYPES } from "../messages/message-price.ts";
import { FAILURES, PROGRESS } from "../messages/message-status.ts";
import { ACTION_TYPES, MESSAGE_TYPES, type ContentType } from "../messages/message-type.ts";

/** Noon ten days ago, Unix seconds: histories play in the two days after it. */
export const HISTORY_START = Math.floor(Date.now() / 86_400_000 - 10) * 86_400 + 43_200;
const SPAN_SECONDS = 2 * 86_400;

const moment = fc
  .tuple(
    fc.integer({ min: 0, max: SPAN_SECONDS }),
    fc.oneof(fc.integer({ min: -5, max: 90 }), fc.integer({ min: 0, max: 400_000 })),
  )
  .map(([after, delay]) => ({ at: HISTORY_START + after, receivedAt: HISTORY_START + after + delay }));

/** Occasionally an event without its own time. */
const timing = fc
  .tuple(moment, fc.integer({ min: 0, max: 9 }))
  .map(([time, chance]) => (chance === 0 ? { at: time.at, receivedAt: time.at, untimed: true } : time));

const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((d) => `7${d.join("")}`);

interface Chat {
  readonly chatId: string;
  readonly chatKind: ChatKind;
}

const of = (chatKind: ChatKind) => (chatId: string) => ({ chatId, chatKind });

/** As gateways name chats; occasionally with a kind that the id does not suggest. */
const chat: fc.Arbitrary<Chat> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("79001234567@c.us", "79001234568@c.us").map(of("individual")) },
  { weight: 2, arbitrary: fc.constantFrom("120363347693198097@g.us", "-1001234567890").map(of("group")) },
  digits(3, 18).map((user) => of("individual")(`${user}@c.us`)),
  digits(14, 14).map((user) => of("individual")(`${user}@lid`)),
  digits(17, 17).map((user) => of("group")(`${user}@g.us`)),
  fc.constantFrom(
    of("group")("79876543210-1586700690@g.us"),
    of("channel")("120363000000000000@newsletter"),
    of("status")("status@broadcast"),
    of("broadcast")("1790000001@broadcast"),
  ),
  fc.constantFrom("10000000", "odd name@c.us", "x@elsewhere").map(of("individual")),
  fc
    .tuple(
      fc.constantFrom("10000000", "-1001234567890", "79001234567@c.us", "x@elsewhere"),
      fc.constantFrom(...CHAT_KINDS),
    )
    .map(([chatId, chatKind]) => ({ chatId, chatKind })),
);

const origin = fc.constantFrom<Origin>("unknown", "api", "phone");

/** Few ids, so several events concern one message; in every form that gateways use. */
const idMessage = fc.constantFrom(
  "3EB0608D6A2901063D63",
  "BAE5245994546A06",
  "BAE56687379D581D",
  "3eb0608d6a2901063d63",
  "18446744073709551616",
  "7",
  "false_79001234567@c.us_3EB0",
  "id with spaces, ünïcode and \u0000 nul",
  "A".repeat(255),
);

const optionalChat = fc.option(chat, { nil: {} });

const types = (words: readonly ContentType[]) => fc.constantFrom<ContentType>(...words, "unknown");

const observation = (ids: fc.Arbitrary<string>, words: readonly ContentType[]) =>
  fc
    .tuple(ids, timing, optionalChat, origin, types(words), fc.constantFrom("incoming" as const, "outgoing" as const))
    .map(([id, time, chat, from, type, direction]): MessageEvent => {
      const known = direction === "incoming" ? ("unknown" as const) : from;
      return { kind: "observation", direction, idMessage: id, origin: known, type, ...chat, ...time };
    });

/** A few statuses have a price. */
const optionalPrice = fc.option(
  fc
    .record({ category: fc.constantFrom(...PRICE_CATEGORIES), type: fc.constantFrom(...PRICE_TYPES) })
    .map((price) => ({ price })),
  { nil: {}, freq: 2 },
);

const progress = (ids: fc.Arbitrary<string>) =>
  fc
    .tuple(ids, timing, optionalChat, origin, fc.constantFrom(...PROGRESS), optionalPrice)
    .map(([id, time, chat, from, status, price]): MessageEvent => {
      return { kind: "status", idMessage: id, origin: from, status, ...chat, ...price, ...time };
    });

const failure = (ids: fc.Arbitrary<string>) =>
  fc
    .tuple(
      ids,
      timing,
      optionalChat,
      origin,
      fc.constantFrom(...FAILURES),
      fc.nat(),
      fc.option(fc.string(), { nil: undefined }),
      fc.option(fc.oneof(fc.constantFrom("131026", "131047"), fc.string()), { nil: "" }),
    )
    .map(([id, time, chat, from, status, pick, text, raw]): FailureEvent => {
      const reasons = REASONS_BY_FAILURE[status];
      const reason = reasons[pick % reasons.length] ?? FAILURE_REASONS[0];
      const described = text === undefined || text === "" ? {} : { description: text };
      const code = raw === "" ? {} : { code: raw };
      return { kind: "status", idMessage: id, origin: from, status, reason, ...chat, ...described, ...code, ...time };
    });

const instanceEvent = fc.oneof(
  fc
    .tuple(moment, fc.constantFrom("authorized", "notAuthorized", "yellowCard"))
    .map(([time, state]): InstanceEvent => ({ kind: "state", state, ...time })),
  moment.map(({ receivedAt }): InstanceEvent => ({ kind: "signal", receivedAt })),
);

/** Anything a gateway might send, contradictions and actions that grow statuses included. */
export const anyHistory: fc.Arbitrary<InstanceEvent[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: observation(idMessage, [...MESSAGE_TYPES, ...ACTION_TYPES]) },
    { weight: 6, arbitrary: progress(idMessage) },
    { weight: 2, arbitrary: failure(idMessage) },
    { weight: 1, arbitrary: instanceEvent },
  ),
  { minLength: 1, maxLength: 40 },
);

const person = (n: number) => of("individual")(`7900000${String(n).padStart(4, "0")}@c.us`);

/**
 * Histories of a few messages that combine everything possible: failures beside deliveries, several recipients, edits, different types and
 * chats, equal times. Any order and any number of repeats must give the same result.
 */
export const messageHistory: fc.Arbitrary<MessageEvent[]> = fc
  .array(
    fc.tuple(fc.uuid(), fc.constantFrom("one person", "several people", "anything")).chain(([id, recipients]) => {
      const ids = fc.constant(id);
      const event = fc.oneof(
        { weight: 2, arbitrary: observation(ids, [...MESSAGE_TYPES, ...MESSAGE_TYPES, ...ACTION_TYPES]) },
        { weight: 6, arbitrary: progress(ids) },
        { weight: 3, arbitrary: failure(ids) },
      );
      const near = fc.tuple(event, fc.integer({ min: 0, max: 6 })).map(([drawn, after]) => {
        return { ...drawn, at: HISTORY_START + after, receivedAt: HISTORY_START + after + (after % 3) };
      });
      const named = fc.oneof(event, near).chain((drawn) => {
        if (recipients === "anything") return fc.constant(drawn);
        if (recipients === "one person") return fc.constant({ ...drawn, ...person(4567) });
        return fc.integer({ min: 1, max: 3 }).map((n) => ({ ...drawn, ...person(n) }));
      });
      return fc.array(named, { minLength: 1, maxLength: 8 });
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((messages) => messages.flat());

/** One story, or one message to several people: every status names its recipient. */
export const storyHistory: fc.Arbitrary<MessageEvent[]> = fc
  .tuple(
    fc.array(observation(fc.constant("3EB0608D6A2901063D63"), MESSAGE_TYPES), { maxLength: 2 }),
    fc.array(
      fc.tuple(
        fc.oneof(
          { weight: 3, arbitrary: progress(fc.constant("3EB0608D6A2901063D63")) },
          failure(fc.constant("3EB0608D6A2901063D63")),
        ),
        fc.integer({ min: 1, max: 4 }),
      ),
      { minLength: 1 },
    ),
  )
  .map(([observations, statuses]) => [
    ...observations
      .filter((event) => event.kind === "observation" && event.direction === "outgoing")
      .map((event) => ({ ...event, ...of("status")("status@broadcast") })),
    ...statuses.map(([event, n]) => ({ ...event, ...person(n) })),
  ]);

/** The same events in another order, some of them repeated. */
export function shuffledWithRepeats(events: readonly MessageEvent[]): fc.Arbitrary<MessageEvent[]> {
  const repeats = fc.subarray([...events]);
  return repeats.chain((again) =>
    fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
  );
}
