import { messageListAnswer, type Message } from "../../packages/schemas/src/index.ts";
import type { System } from "../system.ts";

/** Fields that depend on the time of a webhook or of the request. */
const TIME_DEPENDENT = ["asOf", "receivedAt", "eventToReceipt", "messagesLast7Days", "messagesLast30Days"];

/**
 * All REST answers about some instances, by path, without fields that depend on the time.
 * @param period `from=…&to=…` for the series
 */
export async function restAnswers(
  system: System,
  instances: readonly string[],
  period: string,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const ask = async (path: string) => {
    const { status, text } = await system.get(path);
    answers.set(path, `${status} ${JSON.stringify(JSON.parse(text, withoutTimeDependent))}`);
  };
  if (instances.length > 0) await ask(`/metrics/${instances.join(",")}`);
  for (const instance of instances) {
    const paths = ["", `/series?${period}&step=hour`, `/failures`, `/failures?${period}`, "/latency"];
    for (const path of paths) await ask(`/metrics/${instance}${path}`);
    const messages = (await allMessages(system, instance)).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    answers.set(`/messages/${instance}`, JSON.stringify(JSON.parse(JSON.stringify(messages), withoutTimeDependent)));
    for (const { idMessage } of messages.slice(0, 20)) await ask(`/messages/${instance}/${idMessage}`);
  }
  return answers;
}

/** All messages in the list of an instance. */
export async function allMessages(system: System, instance: string, filter = ""): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const query = `${filter}limit=1000${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { text } = await system.get(`/messages/${instance}?${query}`);
    const page: { messages: readonly Message[]; nextCursor: string | null } = messageListAnswer.parse(JSON.parse(text));
    messages.push(...page.messages);
    cursor = page.nextCursor;
  }
  return messages;
}

/** A message to oneself is listed twice: incoming and outgoing. */
function keyOf({ idMessage, direction }: Message): string {
  return `${idMessage} ${direction}`;
}

function withoutTimeDependent(key: string, value: unknown): unknown {
  return TIME_DEPENDENT.includes(key) ? undefined : value;
}
