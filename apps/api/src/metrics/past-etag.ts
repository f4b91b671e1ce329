import { createHash } from "node:crypto";
import { firstKeptHour, type CountsReader } from "@ticktally/core";
import type { Request, Response } from "express";
import type { AskedInstances } from "./asked-instances.ts";
import type { Period } from "../series/period.ts";

/** Clocks differ: for this long after its end an hour may still count as the current one. */
const SETTLED_SECONDS = 300;

interface PastQuery extends Period {
  /** Answers in different formats have different ETags. */
  readonly isCsv: boolean;
  /** Other content of the answer. */
  readonly besides?: () => Promise<unknown>;
}

interface PastEtagDeps {
  readonly counts: Pick<CountsReader, "pastVersions">;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * Set an ETag on an answer about past hours; it changes when something in them changes. Only for named instances, because `all` may be any
 * number. It is weak, because parts that are not counts may differ, such as since when hours are kept.
 * @returns whether the client already has it: then the request is answered
 */
export async function isKnownPast(
  req: Request,
  res: Response,
  { counts, now }: PastEtagDeps,
  { isAll, instances }: AskedInstances,
  { toHour, fromHour, isCsv, besides }: PastQuery,
): Promise<boolean> {
  if (isAll || toHour * 3600 + SETTLED_SECONDS > now() / 1000) return false;
  // With each hour that is kept no longer, an answer that begins before has another content.
  const keptFrom = Math.max(fromHour, firstKeptHour(now() / 1000));
  const ids = instances.map(({ id }) => id);
  const names = instances.map(({ id, name }) => [id, name]);
  const versions = await counts.pastVersions(ids, toHour);
  const content = JSON.stringify([req.path, req.query, keptFrom, toHour, isCsv, names, versions, await besides?.()]);
  const etag = `"${createHash("sha256").update(content).digest("base64url")}"`;
  res.set("ETag", `W/${etag}`).vary("Accept");
  // Not Express's `fresh`, which is false for clients that add `Cache-Control: no-cache`, such as Node's fetch, although that header is
  // meant for caches.
  const known = (req.get("if-none-match") ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (!known.includes(etag) && !known.includes("*")) return false;
  res.status(304).end();
  return true;
}
