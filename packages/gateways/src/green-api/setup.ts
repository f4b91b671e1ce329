import type { InstanceId, Upstream } from "@ticktally/core";
import { z } from "zod";
import { headerToken } from "../header-token.ts";
import type { GatewaySettings, GatewaySetup, SettingChange, SetupFinding, SetupNeeds } from "../setup.ts";
import type { UpstreamRequest } from "../upstream.ts";

/** An instance's settings at GREEN-API: `getSettings`, `setSettings`, and checks that its webhooks arrive. */
export const setup: GatewaySetup = {
  settings: (instance, upstream) => request("getSettings", instance, upstream),
  state: (instance, upstream) => request("getStateInstance", instance, upstream),
  backlog: (instance, upstream) => request("getWebhooksCount", instance, upstream),
  readSettings,
  readState: (answer) => {
    const { success, data } = stateAnswer.safeParse(answer);
    return success ? stateFindings(data.stateInstance) : undefined;
  },
  readBacklog: (answer) => countAnswer.safeParse(answer).data?.count,
  compare: (settings, needs) => [
    ...addressFindings(settings, needs),
    ...(needs.pull ? [] : tokenFindings(settings, needs)),
    ...switchFindings(settings),
  ],
  change: (instance, upstream, values) => ({
    ...request("setSettings", instance, upstream),
    method: "POST",
    body: values,
  }),
  isChanged: (answer) => changedAnswer.safeParse(answer).data?.saveSettings === true,
  whenChanged:
    "GREEN-API restarts the instance to apply its settings, which takes up to five minutes; webhooks of that time arrive afterwards.",
};

/** The kinds of webhooks that counting needs, and what is missing without each. All are off on a new instance. */
export const SWITCHES: readonly {
  readonly key: string;
  readonly severity: "error" | "warning";
  readonly without: string;
}[] = [
  {
    key: "outgoingWebhook",
    severity: "error",
    without:
      "only the failures `failed` and `noAccount` of outgoing messages are counted, not sent, delivered and read",
  },
  {
    key: "outgoingAPIMessageWebhook",
    severity: "error",
    without: "messages sent through the API are known only from their statuses, without type and time of sending",
  },
  {
    key: "outgoingMessageWebhook",
    severity: "error",
    without: "messages sent from the phone are known only from their statuses, without type and time of sending",
  },
  { key: "incomingWebhook", severity: "error", without: "received messages are not counted" },
  {
    key: "stateWebhook",
    severity: "warning",
    without: "the account's state is unknown, and no alert fires when it is no longer authorised",
  },
  { key: "editedMessageWebhook", severity: "warning", without: "edits are not counted" },
  { key: "deletedMessageWebhook", severity: "warning", without: "deletions are not counted" },
  { key: "pollMessageWebhook", severity: "warning", without: "votes in polls are not counted" },
];

function request(
  name: string,
  instance: InstanceId,
  { apiTokenInstance }: Pick<Upstream, "apiTokenInstance">,
): UpstreamRequest {
  return { name, method: "GET", path: `/waInstance${instance}/${name}/${apiTokenInstance}` };
}

const TEXT_CHARS_MAX = 4_096;
const text = z.string().max(TEXT_CHARS_MAX).nullish();
const onOff = z.union([z.boolean(), z.enum(["yes", "no"]).transform((word) => word === "yes")]);

const settingsAnswer = z.looseObject({ webhookUrl: text, webhookUrlToken: text });
const stateAnswer = z.object({ stateInstance: z.string().max(64).nullable() });
const countAnswer = z.object({ count: z.number().int().nonnegative() });
const changedAnswer = z.object({ saveSettings: z.boolean() });

/** An answer without the field has an unknown shape; an instance without an address has the field, empty. */
function readSettings(answer: unknown): GatewaySettings | undefined {
  const { data } = settingsAnswer.safeParse(answer);
  if (data === undefined || !("webhookUrl" in data)) return undefined;
  const switches = SWITCHES.flatMap(({ key }): [string, boolean][] => {
    const isOn = onOff.safeParse(data[key]);
    return isOn.success ? [[key, isOn.data]] : [];
  });
  return {
    address: data.webhookUrl?.trim() ?? "",
    token: headerToken(data.webhookUrlToken ?? ""),
    switches: new Map(switches),
  };
}

function stateFindings(state: string | null): readonly SetupFinding[] {
  if (state === "authorized") return [];
  const code = "not_authorised";
  if (state === null || state === "starting") {
    const message = "The gateway is still starting the instance: check again in a few minutes.";
    return [{ code, severity: "warning", message }];
  }
  if (state === "notAuthorized" || state === "blocked") {
    const message = `The gateway says that the account is ${state}: nothing is sent or received until it is authorised again.`;
    return [{ code, severity: "error", message }];
  }
  const message = `The gateway says that the account is ${JSON.stringify(state)} rather than authorized: messages may wait or not go out.`;
  return [{ code, severity: "warning", message }];
}

function addressFindings({ address }: GatewaySettings, needs: SetupNeeds): readonly SetupFinding[] {
  const isOwn = needs.address !== undefined && isBelow(address, needs.address);
  if (needs.pull) return address === "" ? [] : [preventsPull(address, isOwn)];
  if (isOwn) return [];
  const set =
    needs.address === undefined ? {} : { repair: { key: "webhookUrl", from: address || null, to: needs.address } };
  if (address === "") {
    const where = needs.address ?? "the address of Ticktally's ingest, ending in /webhooks/green-api";
    const message = `The gateway posts no webhooks: set \`webhookUrl\` to ${where}.`;
    return [{ code: "address_missing", severity: "error", message, ...set }];
  }
  if (set.repair === undefined) {
    const message = `The gateway posts webhooks to ${hostOf(address)}. It is unknown whether that is this Ticktally: set PUBLIC_URL to the address where gateways reach ingest.`;
    return [{ code: "address_unknown", severity: "warning", message }];
  }
  const message =
    `The gateway posts webhooks to ${hostOf(address)}, not to ${set.repair.to}. If that receiver forwards them to Ticktally, nothing is wrong. ` +
    "Otherwise set `webhookUrl` to Ticktally; from then on the receiver gets nothing, unless it becomes a relay target.";
  return [{ code: "address_foreign", severity: "error", message, repair: { ...set.repair, replacesReceiver: true } }];
}

function preventsPull(address: string, isOwn: boolean): SetupFinding {
  const change: SettingChange = { key: "webhookUrl", from: address, to: "" };
  return {
    code: "address_prevents_pull",
    severity: "error",
    message: `Notifications cannot be pulled while the gateway posts them to ${hostOf(address)}: empty \`webhookUrl\` there, or set \`pull\` to false here.`,
    repair: isOwn ? change : { ...change, replacesReceiver: true },
  };
}

function tokenFindings({ address, token }: GatewaySettings, needs: SetupNeeds): readonly SetupFinding[] {
  if (needs.token === "ours") return [];
  const code = token === "" ? "token_missing" : needs.token === "unknown" ? "token_unknown" : "token_foreign";
  const isHere = needs.address !== undefined && isBelow(address, needs.address);
  const correct = "Set `webhookUrlToken` to Ticktally's webhook token, or to the instance's own.";
  if (!isHere && (address === "" || needs.address !== undefined)) {
    const message = `The token must be set together with the address. ${correct}`;
    return [{ code, severity: "info", message, ...tokenRepair(token, needs, address !== "") }];
  }
  const how = token === "" ? "without a token" : "with a token that is neither Ticktally's nor the instance's own";
  const refused = "ingest answers 401, and the gateway holds all webhooks of the instance back";
  if (needs.address === undefined) {
    const message = `The gateway posts webhooks ${how}. If it posts them to Ticktally, ${refused}. ${correct}`;
    return [{ code, severity: "warning", message }];
  }
  if (code === "token_unknown") {
    const message =
      "The gateway posts webhooks with a token that is not the instance's own. It is unknown whether it is the webhook token, because TICKTALLY_WEBHOOK_TOKEN is not set for the api.";
    return [{ code, severity: "warning", message }];
  }
  const message = `The gateway posts webhooks ${how}: ${refused}. ${correct}`;
  return [{ code, severity: "error", message, ...tokenRepair(token, needs, false) }];
}

function tokenRepair(
  token: string,
  { webhookToken }: SetupNeeds,
  isReceivers: boolean,
): { readonly repair?: SettingChange } {
  if (webhookToken === undefined) return {};
  const change = { key: "webhookUrlToken", from: token || null, to: `Bearer ${webhookToken}`, isSecret: true } as const;
  return { repair: isReceivers ? { ...change, replacesReceiver: true } : change };
}

function switchFindings({ switches }: GatewaySettings): readonly SetupFinding[] {
  return SWITCHES.filter(({ key }) => switches.get(key) === false).map(({ key, severity, without }) => ({
    code: "switched_off",
    severity,
    message: `\`${key}\` is off: ${without}. Set it to yes.`,
    repair: { key, from: "no", to: "yes" },
  }));
}

/** Instances may post to their own paths below ours. */
function isBelow(address: string, base: string): boolean {
  if (!URL.canParse(address)) return false;
  const [given, own] = [new URL(address), new URL(base)];
  const path = withoutEndSlash(own.pathname);
  const isPath = withoutEndSlash(given.pathname) === path || given.pathname.startsWith(`${path}/`);
  return given.origin === own.origin && isPath;
}

function withoutEndSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** The rest of an address may contain a secret. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : "something that is not an address";
}
