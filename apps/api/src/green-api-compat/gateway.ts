import type { CountsReader, Direction, InstanceId, MessageLister, MessageReader, MessageRecord } from "@ticktally/core";
import type { Pseudonyms } from "@ticktally/gateways";
import {
  getMessageBody,
  journalQuery,
  statusStatisticQuery,
  type gatewaySettingsAnswer,
  type JournalMessage,
  type stateInstanceAnswer,
  type StatusStatistic,
} from "@ticktally/schemas";
import { Router, type Request, type Response } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { journalMessage, statusStatistic } from "./journal-view.ts";
import { keptChat, keptId } from "../messages/kept-id.ts";
import type { LargeQueries } from "../metrics/large-queries.ts";
import { bodyOf, queryOrBodyOf } from "../http/request-input.ts";

export interface GatewayDeps {
  readonly counts: Pick<CountsReader, "totals">;
  readonly messages: MessageReader;
  readonly lists: Pick<MessageLister, "list">;
  readonly authoriser: Pick<Authoriser, "caller" | "instance">;
  readonly largeQueries: LargeQueries;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms?: Pseudonyms | undefined;
  /** Unix ms */
  readonly now: () => number;
}

type Method = (instance: InstanceId, req: Request, res: Response) => Promise<unknown>;

const PATH = "/waInstance:idInstance/:method/:apiTokenInstance";
const JOURNAL_MAX = 10_000;
const PAGE = 1_000;
/**
 * A page that is not full has searched 20,000 messages (see packages/redis, message-list.ts), which takes about 0.3 s. So at least the last
 * 200,000 messages are searched, and no request takes longer than a few seconds, plus the time that it waits for other large queries.
 */
const PAGES_MAX = 20;

/**
 * `/waInstance{idInstance}/{method}/{token}`: read calls of GREEN-API's clients, answered in its shapes from our data (see
 * `gateway-answers.ts`). The token is the instance's or the account's. Errors are `{ message }`: 400 the request, 401 the token, 403 the
 * instance, 404 the method, 429 too many requests, 503 Redis down or too many long journals waiting.
 */
export function gatewayRoutes(deps: GatewayDeps): Router {
  const { counts, messages, lists, authoriser, largeQueries, pseudonyms, now } = deps;
  const reads: ReadonlyMap<string, Method> = new Map<string, Method>([
    ["lastoutgoingmessages", async (instance, req, res) => journal(instance, "outgoing", req, res)],
    ["lastincomingmessages", async (instance, req, res) => journal(instance, "incoming", req, res)],
    ["getstatusstatistic", statistic],
    ["getstateinstance", state],
    ["getsettings", async () => Promise.resolve(SETTINGS)],
  ]);
  const posts: ReadonlyMap<string, Method> = new Map<string, Method>([["getmessage", message]]);

  const answer = async (methods: ReadonlyMap<string, Method>, req: Request, res: Response) => {
    const caller = await authoriser.caller(req);
    const instance = await instanceOf(caller, req);
    const method = methods.get(String(req.params["method"]).toLowerCase());
    if (method === undefined) throw new ApiError("not_found", `Unknown method. ${KNOWN}`);
    res.json(await method(instance, req, res));
  };
  return Router()
    .get(PATH, async (req, res) => answer(reads, req, res))
    .post(PATH, async (req, res) => answer(posts, req, res));

  /** GREEN-API reports an unknown instance and another account's instance both as a wrong idInstance. */
  async function instanceOf(caller: Awaited<ReturnType<Authoriser["caller"]>>, req: Request): Promise<InstanceId> {
    const asked = String(req.params["idInstance"]);
    const { id } = await authoriser.instance(caller, asked).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === "not_found") throw wrongInstance();
      throw error;
    });
    if (id !== asked) throw wrongInstance();
    return id;
  }

  async function journal(instance: InstanceId, direction: Direction, req: Request, res: Response) {
    const { minutes } = await queryOrBodyOf(req, res, journalQuery);
    const from = Math.floor(now() / 1000) - minutes * 60;
    const found: JournalMessage[] = [];
    const readPage = async (cursor?: string) => {
      const query = { filter: { direction, from }, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const page = await lists.list(instance, query);
      found.push(...page.messages.map(journalMessage));
      return page.nextCursor;
    };
    const second = await readPage();
    // A short journal does not wait for large queries.
    if (second !== undefined) {
      await largeQueries.run(async () => {
        let cursor: string | undefined = second;
        for (let pages = 1; pages < PAGES_MAX && found.length < JOURNAL_MAX && !res.destroyed; pages++) {
          cursor = await readPage(cursor);
          if (cursor === undefined) break;
        }
      });
    }
    return found.toSorted((a, b) => b.timestamp - a.timestamp).slice(0, JOURNAL_MAX);
  }

  async function statistic(instance: InstanceId, req: Request, res: Response): Promise<StatusStatistic> {
    const { idMessage, chatId } = await queryOrBodyOf(req, res, statusStatisticQuery);
    const record = await found(instance, "outgoing", idMessage, chatId);
    return record === undefined ? [] : statusStatistic(record);
  }

  async function message(instance: InstanceId, req: Request, res: Response): Promise<JournalMessage> {
    const { idMessage, chatId } = await bodyOf(req, res, getMessageBody, { isAnyType: true });
    const find = async (direction: Direction) => found(instance, direction, idMessage, chatId);
    const record = (await find("outgoing")) ?? (await find("incoming"));
    if (record === undefined) throw new ApiError("bad_request", "Message not found.");
    return journalMessage(record);
  }

  /**
   * The chat selects a message only if ids are unique only within a chat. A chat with a server may be reported under several ids, so it is
   * ignored.
   */
  async function found(
    instance: InstanceId,
    direction: Direction,
    idMessage: string,
    chatId?: string,
  ): Promise<MessageRecord | undefined> {
    const id = keptId(instance, idMessage, pseudonyms);
    const chat = chatId === undefined || chatId.includes("@") ? undefined : keptChat(chatId, pseudonyms);
    return messages.message(instance, id, direction, chat);
  }

  async function state(instance: InstanceId): Promise<z.infer<typeof stateInstanceAnswer>> {
    const [totals] = await counts.totals([instance]);
    return { stateInstance: totals?.state?.state ?? null };
  }
}

/** The gateway keeps the account and its webhook settings; we do not know them. */
const SETTINGS: z.infer<typeof gatewaySettingsAnswer> = { wid: "", webhookUrl: "" };

const KNOWN =
  "Ticktally answers only GET lastOutgoingMessages, lastIncomingMessages, getStatusStatistic, getStateInstance and getSettings, and POST getMessage.";

function wrongInstance(): ApiError {
  return new ApiError("forbidden", "Wrong idInstance: this token has no access to such an instance.");
}
