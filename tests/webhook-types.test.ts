import type {
  BaseOutgoingJournalMessage,
  MessageWebhook,
  OutgoingMessageStatusWebhook,
  StateInstanceWebhook,
  StatusStatisticItem,
  WebhookType as TheirType,
} from "@green-api/whatsapp-api-client-js-v2";
import { expectTypeOf, it } from "vitest";
import type {
  envelope,
  instanceData,
  messageWebhook,
  stateWebhook,
  statusWebhook,
} from "../packages/gateways/src/green-api/shapes.ts";
import type { WebhookType } from "../packages/gateways/src/green-api/webhook-types.ts";
import type { JournalMessage, StatusStatistic } from "../packages/schemas/src/index.ts";

/** The input type of a schema. */
type Input<Schema extends { readonly _zod: { readonly input: unknown } }> = Schema["_zod"]["input"];
type Everywhere = Input<typeof envelope> & Input<typeof instanceData>;

// The compiler checks GREEN-API's published types of its webhooks.
it("accepts every webhook of GREEN-API's own types", () => {
  expectTypeOf<OutgoingMessageStatusWebhook>().toExtend<Everywhere & Input<typeof statusWebhook>>();
  expectTypeOf<MessageWebhook>().toExtend<Everywhere & Input<typeof messageWebhook>>();
  expectTypeOf<StateInstanceWebhook>().toExtend<Everywhere & Input<typeof stateWebhook>>();
  expectTypeOf<TheirType>().toExtend<WebhookType>();
});

it("answers only with fields of GREEN-API's own types", () => {
  type Outgoing = Extract<JournalMessage, { type: "outgoing" }>;
  expectTypeOf<keyof Outgoing>().toExtend<keyof BaseOutgoingJournalMessage>();
  expectTypeOf<Pick<BaseOutgoingJournalMessage, keyof Outgoing>>().toExtend<Outgoing>();
  expectTypeOf<StatusStatisticItem>().toExtend<StatusStatistic[number]>();
  expectTypeOf<keyof StatusStatistic[number]>().toEqualTypeOf<keyof StatusStatisticItem>();
});
