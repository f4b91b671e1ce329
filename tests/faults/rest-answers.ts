import { messageListAnswer, type Message } from "../../packages/schemas/src/index.ts";
import type { System } from "../system.ts";

/** What depends on when a webhook came or when REST is asked, but not on what is counted. */
const OF_THE_MOMENT = ["asOf", "receivedAt", "eventToReceipt", "messagesLast7Days", "messagesLast30Days"];

/**
 * Everything that REST answers of some instances, by path, but for what depends on the moment.
 * @param period `from=…&to=…` of the series
 */
export async function restAnswers(
  system: System,
  instances: readonly string[],
  period: string,
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const ask = async (path: string) => {
    const { status, text } = await system.get(path);
    answers.set(path, `${status} ${JSON.stringify(JSON.parse(text, withoutMoment))}`);
  };
  if (instances.length > 0) await ask(`/metrics/${instances.join(",")}`);
  for (const instance of instances) {
    const paths = ["", `/series?${period}&step=hour`, `/failures`, `/failures?${period}`, "/latency"];
    for (const path of paths) await ask(`/metrics/${instance}${path}`);
    const messages = (await allMessages(system, instance)).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    answers.set(`/messages/${instance}`, JSON.stringify(JSON.parse(JSON.stringify(messages), withoutMoment)));
    for (const { idMessage } of messages.slice(0, 20)) await ask(`/messages/${instance}/${idMessage}`);
  }
  return answers;
}

/** All pages of an instance's list. */
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

/** A message to oneself is two. */
function keyOf({ idMessage, direction }: Message): string {
  return `${idMessage} ${direction}`;
}

function withoutMoment(key: string, value: unknown): unknown {
  return OF_THE_MOMENT.includes(key) ? undefined : value;
}
