import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SetupNeeds } from "../setup.ts";
import { setup, SWITCHES } from "./setup.ts";

const OURS = "https://ticktally.example/webhooks/green-api";
const NEEDS: SetupNeeds = { address: OURS, token: "ours", webhookToken: "our-webhook-token", pull: false };
const ON = Object.fromEntries(SWITCHES.map(({ key }) => [key, "yes"]));
const GOOD = { webhookUrl: OURS, webhookUrlToken: "Bearer our-webhook-token", ...ON };

function found(answer: object, needs: Partial<SetupNeeds> = {}) {
  const settings = setup.readSettings(answer);
  if (settings === undefined) throw new Error("settings cannot be read");
  return setup.compare(settings, { ...NEEDS, ...needs });
}

const codes = (...given: Parameters<typeof found>) =>
  found(...given).map(
    ({ code, severity, repair }) => `${severity} ${code}${repair === undefined ? "" : ` → ${repair.to}`}`,
  );

describe("settings at GREEN-API", () => {
  it("that are correct have no findings", () => {
    expect(found(GOOD)).toEqual([]);
    expect(found({ ...GOOD, webhookUrl: `${OURS}/`, incomingCallWebhook: "no", deviceWebhook: "no" })).toEqual([]);
    expect(found({ ...GOOD, webhookUrl: "https://TICKTALLY.example:443/webhooks/green-api/sales" })).toEqual([]);
  });

  it.each(SWITCHES)(
    "with $key off have a finding about what is not counted, and only $key is repaired",
    ({ key, severity, without }) => {
      const [finding, ...more] = found({ ...GOOD, [key]: "no" });
      expect(more).toEqual([]);
      expect(finding).toMatchObject({ code: "switched_off", severity, repair: { key, from: "no", to: "yes" } });
      expect(finding?.message).toContain(without);
    },
  );

  it("of a product without a switch have no finding about it", () => {
    expect(
      found({ webhookUrl: OURS, webhookUrlToken: "x", outgoingWebhook: true, incomingWebhook: "perhaps" }),
    ).toEqual([]);
  });

  it.each([
    ["nowhere", { ...GOOD, webhookUrl: "" }, {}, [`error address_missing → ${OURS}`]],
    ["to another", { ...GOOD, webhookUrl: "https://bot.example/hook/secret" }, {}, [`error address_foreign → ${OURS}`]],
    [
      "to our host, elsewhere",
      { ...GOOD, webhookUrl: "https://ticktally.example/" },
      {},
      [`error address_foreign → ${OURS}`],
    ],
    ["to a longer word", { ...GOOD, webhookUrl: `${OURS}2` }, {}, [`error address_foreign → ${OURS}`]],
    ["to no address", { ...GOOD, webhookUrl: "bot.example" }, {}, [`error address_foreign → ${OURS}`]],
    ["unencrypted", { ...GOOD, webhookUrl: OURS.replace("https", "http") }, {}, [`error address_foreign → ${OURS}`]],
    ["to an unknown address", GOOD, { address: undefined }, ["warning address_unknown"]],
    [
      "nowhere, without a known address",
      { ...GOOD, webhookUrl: "" },
      { address: undefined },
      ["error address_missing"],
    ],
  ] as const)("that post %s have the right findings", (_, answer, needs, expected) => {
    expect(codes(answer, needs)).toEqual(expected);
  });

  it.each([
    ["none", { webhookUrlToken: "" }, "foreign", ["error token_missing → Bearer our-webhook-token"]],
    ["another's", { webhookUrlToken: "x" }, "foreign", ["error token_foreign → Bearer our-webhook-token"]],
    ["unknown", { webhookUrlToken: "x" }, "unknown", ["warning token_unknown"]],
  ] as const)("that post with a token that is %s have a finding about it", (_, answer, token, expected) => {
    const webhookToken = token === "unknown" ? undefined : NEEDS.webhookToken;
    expect(codes({ ...GOOD, ...answer }, { token, webhookToken })).toEqual(expected);
  });

  it("keep another receiver's token while they have its address", () => {
    const [address, token] = found({ ...GOOD, webhookUrl: "https://bot.example/hook" }, { token: "foreign" });
    expect(address?.repair?.replacesReceiver).toBe(true);
    expect(token).toMatchObject({ severity: "info", repair: { isSecret: true, replacesReceiver: true } });
  });

  it("never show the path of another address or a token", () => {
    const answer = { ...GOOD, webhookUrl: "https://bot.example/hook/secret?key=secret", webhookUrlToken: "secret" };
    for (const needs of [{}, { address: undefined }, { pull: true }])
      for (const { message } of found(answer, { token: "foreign", ...needs })) {
        expect(message).not.toContain("secret");
        expect(message).not.toContain("our-webhook-token");
      }
  });

  it("must have no address while notifications are pulled", () => {
    expect(found({ ...GOOD, webhookUrl: "" }, { pull: true, token: "foreign" })).toEqual([]);
    const [own] = found(GOOD, { pull: true });
    expect(own).toMatchObject({ code: "address_prevents_pull", repair: { key: "webhookUrl", to: "" } });
    expect(own?.repair?.replacesReceiver).toBeUndefined();
    const [others] = found({ ...GOOD, webhookUrl: "https://bot.example/" }, { pull: true });
    expect(others?.repair?.replacesReceiver).toBe(true);
  });

  it.each([null, [], "yes", {}, { status: false, reason: "starting" }, { webhookUrl: 5 }])(
    "are not made up of %j",
    (answer) => {
      expect(setup.readSettings(answer)).toBeUndefined();
      expect(setup.readBacklog(answer)).toBeUndefined();
      expect(setup.isChanged(answer)).toBe(false);
    },
  );
});

it.each([
  ["authorized", []],
  ["notAuthorized", ["error"]],
  ["blocked", ["error"]],
  ["yellowCard", ["warning"]],
  ["a new word", ["warning"]],
  [null, ["warning"]],
])("the state %s of an account has findings", (stateInstance, severities) => {
  expect(setup.readState({ stateInstance })?.map(({ severity }) => severity)).toEqual(severities);
});

it("the page about GREEN-API names every type of counted webhook", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/gateways/green-api.md"), "utf8");
  for (const { key } of SWITCHES) expect(page).toContain(`\`${key}\``);
});
