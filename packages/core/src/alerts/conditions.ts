import type { Condition, Observed, Sample, SampledCounts, Usual } from "./alert.ts";
import { increasesIn, isQueueAgeing, targetIncrease } from "./increases.ts";

/** How many minutes of samples the conditions look at. */
export const SAMPLED_MINUTES = 60;

type Instance = Observed["instances"][number];

/**
 * The conditions that hold in the minute of the last sample. The rules are those of `deploy/prometheus/rules/alerts.yml`; the same test
 * cases run against both.
 * @param samples of {@link SAMPLED_MINUTES}, oldest first; some may be missing
 */
export async function conditionsOf(
  samples: readonly Sample[],
  observed: Observed,
  usual: Usual,
): Promise<readonly Condition[]> {
  const last = samples.at(-1);
  if (last === undefined) return [];
  const [in5m, in15m, in1h] = [5, 15, 60].map((minutes) => increasesIn(samples, minutes));
  const found: Condition[] = [];
  for (const instance of observed.instances) {
    const [grown5m, grown1h, grown15m] = [in5m?.get(instance.id), in1h?.get(instance.id), in15m?.get(instance.id)];
    const spike = grown5m && (await failureSpike(instance, grown5m, grown1h ?? grown5m, last.minute, usual));
    found.push(
      ...present(spike, grown15m && deliveryStall(instance, grown15m)),
      ...present(await silence(instance, last.minute, usual), notAuthorised(instance), yellowCard(instance)),
    );
  }
  const isAgeing = isQueueAgeing(samples, 5);
  return [...found, ...queueConditions(last, isAgeing), ...quarantine(observed), ...targets(observed, samples)];
}

function present(...conditions: readonly (Condition | undefined)[]): readonly Condition[] {
  return conditions.filter((condition) => condition !== undefined);
}

const FAILURES_MIN = 10;
/** The share that may fail while nothing is known to be usual, and the bounds of twice the usual share. */
const [RATIO_MAX_LEAST, RATIO_MAX_MOST] = [0.1, 0.5];
/** Over a whole hour, because a short dip is no reason to alert. */
const HOUR_RATIO_MAX = 0.05;

async function failureSpike(
  { id, name, failureRatioMax }: Instance,
  in5m: SampledCounts,
  in1h: SampledCounts,
  minute: number,
  usual: Usual,
): Promise<Condition | undefined> {
  const [ratio, hourRatio] = [ratioOf(in5m), ratioOf(in1h)];
  if (in5m.failed < FAILURES_MIN || ratio <= (failureRatioMax ?? RATIO_MAX_LEAST)) return undefined;
  const ratioMax = failureRatioMax ?? ratioMaxOf(await usual.failureRatio(id, minute));
  if (ratio <= ratioMax || hourRatio <= Math.min(ratioMax / 2, HOUR_RATIO_MAX)) return undefined;
  return {
    alert: "TicktallyFailureSpike",
    of: id,
    summary: `Messages of ${name} are failing`,
    description: `${percent(ratio)} of the messages that ${name} tried to send in the last 5 minutes failed.`,
  };
}

/** A message that was sent and then failed is in both, so the share is never too high. */
function ratioOf({ sent, failed, noAccount }: SampledCounts): number {
  const tried = sent + failed + noAccount;
  return tried === 0 ? 0 : failed / tried;
}

function ratioMaxOf(usual: number | undefined): number {
  return usual === undefined ? RATIO_MAX_LEAST : Math.min(Math.max(2 * usual, RATIO_MAX_LEAST), RATIO_MAX_MOST);
}

const STALLED_SENT_MIN = 20;

function deliveryStall({ id, name }: Instance, in15m: SampledCounts): Condition | undefined {
  if (in15m.sent < STALLED_SENT_MIN || in15m.delivered > 0) return undefined;
  return {
    alert: "TicktallyDeliveryStall",
    of: id,
    summary: `Messages of ${name} are sent but not delivered`,
    description: `${name} sent ${String(in15m.sent)} messages in the last 15 minutes and not one was delivered.`,
  };
}

const SILENT_SECONDS = 1_800;
const USUAL_ACTIVITY_MIN = 10;
/** An instance that has been silent for longer than a week has nothing to compare with. */
const WEEK_SECONDS = 7 * 86_400;

async function silence(
  { id, name, lastWebhookAt }: Instance,
  minute: number,
  usual: Usual,
): Promise<Condition | undefined> {
  if (lastWebhookAt === undefined) return undefined;
  const age = minute * 60 - lastWebhookAt;
  if (age <= SILENT_SECONDS || age > WEEK_SECONDS + SILENT_SECONDS) return undefined;
  if ((await usual.activity(id, minute)) < USUAL_ACTIVITY_MIN) return undefined;
  return {
    alert: "TicktallyInstanceSilent",
    of: id,
    summary: `No webhooks from ${name}`,
    description: `The last webhook of ${name} came ${minutesText(age)} ago; at this time of the week there are usually at least ${String(USUAL_ACTIVITY_MIN)} in half an hour.`,
  };
}

function notAuthorised({ id, name, state }: Instance): Condition | undefined {
  if (state !== "notAuthorized" && state !== "blocked") return undefined;
  return {
    alert: "TicktallyInstanceNotAuthorised",
    of: id,
    summary: `${name} cannot send: ${state}`,
    description: `The gateway says that ${name} is ${state}. Nothing goes out until it is authorised again.`,
  };
}

/** Gateways that no longer say `yellowCard` say `suspended`. */
function yellowCard({ id, name, state }: Instance): Condition | undefined {
  if (state !== "yellowCard" && state !== "suspended") return undefined;
  return {
    alert: "TicktallyInstanceYellowCard",
    of: id,
    summary: `${name} is restricted: ${state}`,
    description: `WhatsApp restricted ${name} (${state}). If the account goes on as before, WhatsApp may block it.`,
  };
}

const [QUEUE_AGE_MAX, QUEUE_STUCK_AGE] = [60, 900];

function queueConditions({ queueAgeSeconds }: Sample, isAgeing: boolean): readonly Condition[] {
  const waited = `The oldest webhook that is not counted yet has waited ${minutesText(queueAgeSeconds)}`;
  const growing: Condition = {
    alert: "TicktallyQueueAgeGrowing",
    of: "",
    summary: "Webhooks wait longer and longer to be counted",
    description: `${waited}, and the wait grows: the workers do not keep up. Nothing is lost, but the counts are that old.`,
  };
  const stuck: Condition = {
    alert: "TicktallyQueueStuck",
    of: "",
    summary: "Webhooks have waited for more than 15 minutes",
    description: `${waited}.`,
  };
  return present(
    queueAgeSeconds > QUEUE_AGE_MAX && isAgeing ? growing : undefined,
    queueAgeSeconds > QUEUE_STUCK_AGE ? stuck : undefined,
  );
}

function quarantine({ quarantined }: Observed): readonly Condition[] {
  if (quarantined === 0) return [];
  const description = `${String(quarantined)} webhooks could not be understood and are not counted. They are kept, and can be replayed.`;
  return [{ alert: "TicktallyQuarantineNotEmpty", of: "", summary: "Webhooks are in quarantine", description }];
}

const TARGET_WAIT_SECONDS = 600;

function targets({ targets: all }: Observed, samples: readonly Sample[]): readonly Condition[] {
  return all.flatMap(({ name, oldestSeconds }) => {
    const refused = targetIncrease(samples, 5, name, "refused");
    const dropped = targetIncrease(samples, 15, name, "dropped");
    const dead = targetIncrease(samples, 60, name, "dead");
    const behind: Condition = {
      alert: "TicktallyForwardingBehind",
      of: name,
      summary: `Webhooks wait for the target ${name}`,
      description: `The oldest webhook for ${name} has waited ${minutesText(oldestSeconds)}: the target does not answer 200, or is too slow.`,
    };
    const pushesBack: Condition = {
      alert: "TicktallyForwardingPushesBack",
      of: name,
      summary: `Webhooks are refused because of the target ${name}`,
      description: `${String(refused)} webhooks were answered 503 in 5 minutes because too many wait for ${name}. The gateway keeps them for 24 hours, and these instances are not counted meanwhile.`,
    };
    const drops: Condition = {
      alert: "TicktallyForwardingDropped",
      of: name,
      summary: `Webhooks for the target ${name} are dropped`,
      description: `${String(dropped)} webhooks in 15 minutes were counted but not kept for ${name}, because there was no room. It will never get them.`,
    };
    const givenUp: Condition = {
      alert: "TicktallyDeadLetters",
      of: name,
      summary: `Webhooks for the target ${name} became dead letters`,
      description: `${String(dead)} webhooks for ${name} became dead letters in the last hour. They can be sent again for 24 hours.`,
    };
    return present(
      oldestSeconds > TARGET_WAIT_SECONDS ? behind : undefined,
      refused > 0 ? pushesBack : undefined,
      dropped > 0 ? drops : undefined,
      dead > 0 ? givenUp : undefined,
    );
  });
}

function percent(share: number): string {
  return `${String(Math.round(share * 1000) / 10)} %`;
}

function minutesText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${String(minutes)} minute${minutes === 1 ? "" : "s"}`;
}
