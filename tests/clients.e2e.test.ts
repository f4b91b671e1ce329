import whatsAppClient from "@green-api/whatsapp-api-client";
import { GreenApiClient } from "@green-api/whatsapp-api-client-js-v2";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  gatewayErrorAnswer,
  gatewaySettingsAnswer,
  journalAnswer,
  stateInstanceAnswer,
  statusStatisticAnswer,
} from "../packages/schemas/src/index.ts";
import { giveToken } from "./support/refusals.ts";
import { CHAT, freshInstance, nowSeconds, observation, signal, statusOf, textIn, GROUP } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, type System } from "./system.ts";

/** GREEN-API's published clients, used with Ticktally. */

const [OWN, OTHER, SILENT] = [freshInstance(), freshInstance(), freshInstance()];
const OTHER_PERSON = "79005556677@c.us";
const AT = nowSeconds() - 600;

let system: System;
let ownToken: string;
beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  system = await sharedSystem();
  ownToken = await giveToken(system, OWN);
  await system.acceptInOrder(
    observation("api", OWN, "SENT", undefined, { timestamp: AT }),
    statusOf(OWN, "SENT", "sent", { timestamp: AT + 1 }),
    statusOf(OWN, "SENT", "read", { timestamp: AT + 90 }),
    statusOf(OWN, "FAILED", "failed", { timestamp: AT + 10, description: "Uploader Error", sendByApi: false }),
    observation("incoming", OWN, "CAME", { typeMessage: "imageMessage" }, { timestamp: AT + 5 }),
    textIn(GROUP, "incoming", OWN, "CAME IN GROUP"),
    observation("api", OWN, "STORY", undefined, { timestamp: AT - 7200, senderData: { chatId: "status@broadcast" } }),
    statusOf(OWN, "STORY", "read", { timestamp: AT - 7000, chatId: CHAT }),
    statusOf(OWN, "STORY", "delivered", { timestamp: AT - 7100, chatId: OTHER_PERSON }),
    signal(OWN, "stateInstanceChanged", { stateInstance: "authorized" }),
    statusOf(OTHER, "ELSEWHERE", "sent"),
    statusOf(SILENT, "PENDING", "sent"),
  );
});

const SENT = {
  type: "outgoing",
  idMessage: "SENT",
  timestamp: AT + 90,
  typeMessage: "textMessage",
  chatId: CHAT,
  statusMessage: "read",
  sendByApi: true,
};
const CAME = {
  type: "incoming",
  idMessage: "CAME",
  timestamp: AT + 5,
  typeMessage: "imageMessage",
  chatId: CHAT,
  senderId: CHAT,
};

describe("@green-api/whatsapp-api-client", () => {
  const client = () => whatsAppClient.restAPI({ idInstance: OWN, apiTokenInstance: ownToken, host: system.apiOrigin });

  it("reads the journals", async () => {
    const { timestamp, typeMessage, chatId, statusMessage } = SENT;
    const shown = { idMessage: "SENT", timestamp, typeMessage, chatId, statusMessage };
    const outgoing = await client().message.lastOutgoingMessages();
    expect(outgoing).toHaveLength(3);
    expect(outgoing[0]).toMatchObject(shown);
    const incoming = await client().message.lastIncomingMessages();
    expect(incoming).toHaveLength(2);
    expect(incoming[1]).toMatchObject({ idMessage: "CAME", chatId: CHAT, typeMessage: "imageMessage" });
  });

  it("finds a message, the state and the settings", async () => {
    expect(await client().message.getMessage(CHAT, "SENT")).toMatchObject({ idMessage: "SENT", statusMessage: "read" });
    expect(await client().instance.getStateInstance()).toEqual({ stateInstance: "authorized" });
    expect(await client().settings.getSettings()).toMatchObject({ wid: "" });
  });
});

/** The client has no setting for the host, so the URL is built here. */
class LocalClient extends GreenApiClient {
  protected override buildUrl(): string {
    return `${system.apiOrigin}/waInstance${String(this.instance.idInstance)}`;
  }
}

describe("@green-api/whatsapp-api-client-js-v2", () => {
  const client = (apiTokenInstance = ownToken) => new LocalClient({ idInstance: Number(OWN), apiTokenInstance });

  it("reads the journals of some minutes, newest first", async () => {
    expect((await client().lastOutgoingMessages()).map(({ idMessage }) => idMessage)).toEqual([
      "SENT",
      "FAILED",
      "STORY",
    ]);
    expect(await client().lastOutgoingMessages(60)).toEqual([
      SENT,
      {
        type: "outgoing",
        idMessage: "FAILED",
        timestamp: AT + 10,
        chatId: CHAT,
        statusMessage: "failed",
        sendByApi: false,
      },
    ]);
    const [inGroup, came, ...rest] = await client().lastIncomingMessages(60);
    expect(inGroup).toMatchObject({ type: "incoming", idMessage: "CAME IN GROUP", chatId: GROUP });
    expect(inGroup).not.toHaveProperty("senderId");
    expect(came).toEqual(CAME);
    expect(rest).toEqual([]);
  });

  it("reads the statuses of each recipient of a story", async () => {
    expect(await client().getStatusStatistic({ idMessage: "STORY" })).toEqual([
      { timestamp: AT - 7000, participant: CHAT, status: "read" },
      { timestamp: AT - 7100, participant: OTHER_PERSON, status: "delivered" },
    ]);
    expect(await client().getStatusStatistic({ idMessage: "SENT" })).toEqual([
      { timestamp: AT + 90, participant: CHAT, status: "read" },
    ]);
    expect(await client().getStatusStatistic({ idMessage: "NEVER HEARD OF" })).toEqual([]);
  });

  it("finds a message, the state and the settings, with the account's token too", async () => {
    for (const token of [ownToken, ACCOUNT_TOKEN]) {
      expect(await client(token).getMessage({ chatId: CHAT, idMessage: "SENT" })).toEqual(SENT);
      expect(await client(token).getMessage({ chatId: CHAT, idMessage: "CAME" })).toEqual(CAME);
      expect(await client(token).getStateInstance()).toEqual({ stateInstance: "authorized" });
      expect(await client(token).getSettings()).toEqual({ wid: "", webhookUrl: "" });
    }
  });

  it("gets an error message that says what is wrong", async () => {
    await expect(client("wrong").getStateInstance()).rejects.toThrow(/401/);
    await expect(client().getMessage({ chatId: CHAT, idMessage: "NEVER HEARD OF" })).rejects.toThrow(
      /Message not found/,
    );
  });
});

describe("GREEN-API's paths", () => {
  const ask = async (path: string, method = "GET", from = system) => from.get(path, { token: null, method });
  const refused = async (path: string, status: number, method = "GET", from = system) => {
    const answer = await ask(path, method, from);
    expect(`${path} ${answer.status}`).toBe(`${path} ${status}`);
    return gatewayErrorAnswer.strict().parse(JSON.parse(answer.text)).message;
  };

  it("are case-insensitive and accept a trailing slash", async () => {
    for (const path of [
      `/waInstance${OWN}/LastOutgoingMessages/${ownToken}`,
      `/WAINSTANCE${OWN}/GETSETTINGS/${ownToken}/`,
    ])
      expect((await ask(path)).status).toBe(200);
  });

  it("answer in the documented shapes", async () => {
    const read = async (method: string) => JSON.parse((await ask(`/waInstance${SILENT}/${method}`)).text) as unknown;
    expect(journalAnswer.parse(await read(`lastOutgoingMessages/${ACCOUNT_TOKEN}`))).toHaveLength(1);
    expect(journalAnswer.parse(await read(`lastIncomingMessages/${ACCOUNT_TOKEN}`))).toEqual([]);
    expect(
      statusStatisticAnswer.parse(await read(`getStatusStatistic/${ACCOUNT_TOKEN}?idMessage=PENDING`)),
    ).toHaveLength(1);
    expect(stateInstanceAnswer.parse(await read(`getStateInstance/${ACCOUNT_TOKEN}`))).toEqual({ stateInstance: null });
    gatewaySettingsAnswer.parse(await read(`getSettings/${ACCOUNT_TOKEN}`));
  });

  it("refuse a wrong token with 401, another instance with 403, an unknown method with 404, a bad request with 400", async () => {
    for (const token of ["wrong", `${ownToken}x`, "%20"]) await refused(`/waInstance${OWN}/getSettings/${token}`, 401);
    await refused(`/waInstance${OTHER}/getSettings/${ownToken}`, 403);
    await refused(`/waInstance${OWN}/getSettings/%zz`, 400);
    for (const id of ["1", "nobody", ""])
      await refused(`/waInstance${id}/getSettings/${ACCOUNT_TOKEN}`, id === "" ? 404 : 403);
    expect(await refused(`/waInstance${OWN}/sendMessage/${ownToken}`, 404, "POST")).toMatch(/lastOutgoingMessages/);
    await refused(`/waInstance${OWN}/getQR/${ownToken}`, 404);
    await refused(`/waInstance${OWN}/getSettings`, 404);
    await refused(`/waInstance${OWN}/getSettings/${ownToken}`, 405, "DELETE");
    for (const minutes of ["0", "-1", "x", "43201", "1.5"])
      expect(await refused(`/waInstance${OWN}/lastOutgoingMessages/${ownToken}?minutes=${minutes}`, 400)).toMatch(
        /minutes/,
      );
    expect(await refused(`/waInstance${OWN}/getStatusStatistic/${ownToken}`, 400)).toMatch(/`idMessage` is required/);
  });

  it("accept the body of getMessage with any Content-Type", async () => {
    const path = `/waInstance${OWN}/getMessage/${ownToken}`;
    const body = JSON.stringify({ chatId: CHAT, idMessage: "SENT" });
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
      const { status, text } = await system.send("POST", path, body, {
        token: null,
        headers: { "content-type": type },
      });
      expect(`${type} ${status} ${text}`).toBe(`${type} 200 ${JSON.stringify(JSON.parse(text))}`);
      expect(JSON.parse(text)).toEqual(SENT);
    }
    const wrong = await system.send("POST", path, { idMessage: "SENT" }, { token: null });
    expect(wrong.status).toBe(400);
    expect(gatewayErrorAnswer.parse(JSON.parse(wrong.text)).message).toMatch(/`chatId` is required/);
  });

  it("accept no token in a header, and other paths accept no token in the path", async () => {
    expect((await system.get(`/waInstance${OWN}/getSettings/wrong`, { token: ACCOUNT_TOKEN })).status).toBe(401);
    expect((await ask(`/metrics/${OWN}/getSettings/${ACCOUNT_TOKEN}`)).status).toBe(404);
  });

  it("are limited by token, and no token is ever logged", async () => {
    const [fresh, secondToken] = [await giveToken(system, OWN), await giveToken(system, OTHER)];
    const strict = await system.startSecond("api", { API_RATE_LIMIT_PER_MINUTE: "3" });
    const path = `/waInstance${OWN}/getStateInstance/${fresh}`;
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await ask(path, "GET", strict)).status);
    expect(statuses).toEqual([200, 200, 200]);
    expect(await refused(path, 429, "GET", strict)).toMatch(/Rate limit/);
    expect((await ask(path, "GET", strict)).headers.get("retry-after")).toMatch(/^\d+$/);
    // A token has one limit, wherever it is sent.
    expect((await strict.get(`/metrics/${OWN}`, { token: fresh })).status).toBe(429);
    expect((await ask(`/waInstance${OTHER}/getStateInstance/${secondToken}`, "GET", strict)).status).toBe(200);
    for (const token of [ownToken, fresh, secondToken, ACCOUNT_TOKEN])
      for (const own of [system, strict]) expect(own.output("api")).not.toContain(token);
  });
});
