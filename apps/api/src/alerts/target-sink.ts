import type { AlertEvent, AlertSink } from "@ticktally/core";
import { openSecrets, type EventLanes, type ForwardCipher, type LaneQueue, type RedisTargets } from "@ticktally/redis";
import type { StoredTarget } from "@ticktally/schemas";

interface TargetSinkDeps {
  readonly targets: Pick<RedisTargets, "read">;
  readonly cipher: ForwardCipher;
  readonly lanes: Pick<EventLanes, "put">;
  readonly queue: Pick<LaneQueue, "wake">;
  /** Unix ms */
  readonly now: () => number;
}

/** All reports of a target go into one lane, so they arrive in order. No instance can have this name. */
const LANE = "_alerts";

/** Puts reports into the lanes of targets that ask for them: `filter: { events: ["alert", "digest"] }`. */
export function targetSink({ targets, cipher, lanes, queue, now }: TargetSinkDeps): AlertSink {
  return {
    send: async (event) => {
      const all = (await targets.read()).targets.filter((target) => wantsAlert(target, event));
      const events = all.flatMap((target) => {
        const secrets = openSecrets(cipher, target);
        if (secrets === undefined) return [];
        const body = Buffer.from(JSON.stringify(target.format === "text" ? { text: textOf(event) } : jsonOf(event)));
        return [{ target: target.id, instance: LANE, idKey: secrets.idKey, body, key: event.id }];
      });
      if (events.length > 0) await queue.wake(await lanes.put(events, now()));
    },
  };
}

/** A target limited to some instances only receives reports about these. */
function wantsAlert({ mode, state, filter, instances }: StoredTarget, event: AlertEvent): boolean {
  if (mode !== "events" || state === "disabled" || filter?.events?.includes(event.kind) !== true) return false;
  return event.kind === "digest" || instances === undefined || instances.includes(event.of);
}

function jsonOf(event: AlertEvent): object {
  if (event.kind === "digest") {
    const { day, counts } = event;
    return { type: "digest", timestamp: `${day}T23:59:59Z`, data: { day, counts } };
  }
  const { alert, phase, severity, of, at, summary, description, runbookUrl } = event;
  const data = { alert, phase, severity, of, summary, description, runbookUrl };
  return { type: "alert", timestamp: new Date(at * 1000).toISOString(), data };
}

function textOf(event: AlertEvent): string {
  if (event.kind === "alert") return `[${event.severity}] ${event.summary}. ${event.description} ${event.runbookUrl}`;
  const { received, sent, delivered, read, failed } = event.counts;
  return `${event.day}: ${String(received)} received, ${String(sent)} sent, ${String(delivered)} delivered, ${String(read)} read, ${String(failed)} failed.`;
}
