import { createHash } from "node:crypto";
import { firstKeptHour, type CountsReader } from "@ticktally/core";
import type { Request, Response } from "express";
import type { AskedInstances } from "./asked-instances.ts";
import type { Period } from "./period.ts";

/** Clocks differ: so long after its end an hour may still be counted as the running one. */
const SETTLED_SECONDS = 300;

interface PastQuery extends Period {
  /** An answer of another form has another ETag. */
  readonly isCsv: boolean;
  /** What else is in the answer. */
  readonly besides?: () => Promise<unknown>;
}

interface PastEtagDeps {
  readonly counts: Pick<CountsReader, "pastVersions">;
  /** Unix ms */
  readonly now: () => number;
}

/**
 * Give an answer about hours that are over an ETag, which is another one when something in them changed: for named instances only, because of
 * all there may be any number. It is weak, for what is not counted may differ, such as since when hours are kept.
 * @returns whether the client has it already: then it is answered
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
  const told = JSON.stringify([req.path, req.query, keptFrom, toHour, isCsv, names, versions, await besides?.()]);
  const etag = `"${createHash("sha256").update(told).digest("base64url")}"`;
  res.set("ETag", `W/${etag}`).vary("Accept");
  // Not Express's `fresh`: it says no to clients that add `Cache-Control: no-cache`, such as Node's fetch, though this asks the origin.
  const known = (req.get("if-none-match") ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (!known.includes(etag) && !known.includes("*")) return false;
  res.status(304).end();
  return true;
}
