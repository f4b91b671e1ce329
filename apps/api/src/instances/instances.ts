import type { InstancePage, InstanceRegistry } from "@ticktally/core";
import {
  INSTANCES_A_PAGE,
  instanceChange,
  instanceListQuery,
  newInstance,
  type chatDeletedAnswer,
  type doneAnswer,
  type instanceAnswer,
  type instanceCreatedAnswer,
  type instancesAnswer,
  type settingsAnswer,
  type tokenAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser, Caller } from "../access/authorise.ts";
import type { ChatDeletion } from "./chat-deletion.ts";
import type { InstanceChanges } from "./instance-changes.ts";
import { isCsvWanted, sendCsv } from "../csv/send-csv.ts";
import { instancesTable } from "../csv/tables.ts";
import type { InstanceDirectory } from "./instance-directory.ts";
import { instanceNames } from "../http/instance-names.ts";
import { bodyOf, queryOf } from "../http/request-input.ts";

export interface InstancesDeps {
  readonly registry: Pick<InstanceRegistry, "page" | "resolve">;
  readonly directory: InstanceDirectory;
  readonly changes: InstanceChanges;
  readonly chats: Pick<ChatDeletion, "delete">;
  readonly authoriser: Authoriser;
}

/**
 * Instances and their tokens. Only the account may change them; an instance's token sees that instance. Also under the `/api/instance`
 * paths that older programs use. 400 invalid request, 403 not the account, 404 unknown, 409 id or name taken.
 */
export function instanceRoutes({ registry, directory, changes, chats, authoriser }: InstancesDeps): Router {
  const router = Router();

  router.get(["/instances", "/api/instance/list"], async (req, res) => {
    const caller = await authoriser.caller(req);
    const { format, ...query } = queryOf(req, instanceListQuery);
    const { total, next = null, ...page } = await listed(registry, caller, query);
    const instances = [...(await directory.views(page.instances))];
    if (isCsvWanted(req, format)) return sendCsv(res, instancesTable(instances), next ?? undefined);
    const message = total === 1 ? "1 Instance found" : `${String(total)} Instances found`;
    const answer: z.infer<typeof instancesAnswer> = { success: true, message, instances, nextCursor: next };
    return res.json(answer);
  });

  router.post("/instances", async (req, res) => {
    await authoriser.account(req);
    const { instance, token } = await changes.create(await bodyOf(req, res, newInstance));
    const view = await directory.view(instance);
    const answer: z.infer<typeof instanceCreatedAnswer> = { success: true, instance: view, token };
    res.status(201).location(`/instances/${instance.name}`).json(answer);
  });

  router.get("/instances/:name", async (req, res) => {
    const instance = await authoriser.instance(await authoriser.caller(req), req.params.name);
    const answer: z.infer<typeof instanceAnswer> = { success: true, instance: await directory.view(instance) };
    res.json(answer);
  });

  router.get("/api/instance/getSettings/:name", async (req, res) => {
    const instance = await authoriser.instance(await authoriser.caller(req), req.params.name);
    const { settings } = await directory.view(instance);
    const message = "Settings retrieved successfully";
    const answer: z.infer<typeof settingsAnswer> = { success: true, message, settings };
    res.json(answer);
  });

  router.patch("/instances/:name", async (req, res) => {
    await authoriser.account(req);
    const instance = await authoriser.instance(ACCOUNT, req.params.name);
    const changed = await changes.change(instance, await bodyOf(req, res, instanceChange));
    const answer: z.infer<typeof instanceAnswer> = { success: true, instance: await directory.view(changed) };
    res.json(answer);
  });

  router.delete("/instances/:name", async (req, res) => {
    await authoriser.account(req);
    const instance = await authoriser.instance(ACCOUNT, req.params.name);
    await changes.delete(instance);
    const message = `Instance ${instance.name} and all its data deleted`;
    const answer: z.infer<typeof doneAnswer> = { success: true, message };
    res.json(answer);
  });

  router.delete("/instances/:name/chats/:chatId", async (req, res) => {
    await authoriser.account(req);
    const { id, name } = await authoriser.instance(ACCOUNT, req.params.name);
    const deleted = await chats.delete(id, req.params.chatId);
    const message = `Chat forgotten in ${name}`;
    const answer: z.infer<typeof chatDeletedAnswer> = { success: true, message, ...deleted };
    res.json(answer);
  });

  router.post("/instances/:name/token", async (req, res) => {
    await authoriser.account(req);
    const token = await changes.giveToken(await authoriser.instance(ACCOUNT, req.params.name));
    const answer: z.infer<typeof tokenAnswer> = { success: true, token };
    res.json(answer);
  });

  return router;
}

const ACCOUNT: Caller = { kind: "account" };

/**
 * An instance sees itself. Among several names, unknown ones are skipped.
 * @throws {ApiError} not_found if the only name is unknown
 */
async function listed(
  registry: Pick<InstanceRegistry, "page" | "resolve">,
  caller: Caller,
  { instanceName, cursor, limit }: Omit<z.infer<typeof instanceListQuery>, "format">,
): Promise<InstancePage> {
  if (instanceName !== undefined && (cursor !== undefined || limit !== undefined))
    throw new ApiError(
      "bad_request",
      "`cursor` and `limit` cannot be combined with `instanceName`: leave out one or the other.",
    );
  if (caller.kind !== "instance" && instanceName === undefined) return registry.page(limit ?? INSTANCES_A_PAGE, cursor);
  const names = caller.kind === "instance" ? [caller.instance] : instanceNames(instanceName);
  const found = await registry.resolve(names);
  const byId = new Map(found.flatMap((instance) => (instance === undefined ? [] : [[instance.id, instance]])));
  if (caller.kind !== "instance" && names.length === 1 && byId.size === 0)
    throw new ApiError("not_found", `Instance not found: ${names.join()}`);
  return { instances: [...byId.values()], total: byId.size };
}
