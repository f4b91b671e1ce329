import { createHmac } from "node:crypto";
import type { InstanceId } from "@ticktally/core";
import type { ForwardCipher } from "./forward-cipher.ts";

/** The part of a received request that is passed on. */
export interface ForwardedRequest {
  /** Headers by lower-case name, for example `content-type`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What can be read from a lane's entry without decrypting it. */
export interface EntryHead {
  /** Unix ms */
  readonly receivedAtMs: number;
  readonly webhookId: string;
  /** The gateway's word for its type. */
  readonly type: string;
}

/** The same webhook has different ids for two targets or two instances. @param idKey of the target */
export function webhookId(idKey: Buffer, instance: InstanceId, body: Buffer): string {
  return createHmac("sha256", idKey).update(`${instance}\0`).update(body).digest("base64url").slice(0, ID_CHARS);
}

/** 132 bits. */
const ID_CHARS = 22;

/** `<receivedAtMs> <webhookId> <type>\n`, then the request encrypted: its headers as JSON, a line feed, its body. */
export function packEntry(cipher: ForwardCipher, lane: string, head: EntryHead, request: ForwardedRequest): Buffer {
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(request.headers)}\n`), request.body]);
  const { receivedAtMs, webhookId: id, type } = head;
  return Buffer.concat([Buffer.from(`${String(receivedAtMs)} ${id} ${type}\n`), cipher.seal(plain, lane)]);
}

export function entryHead(entry: Buffer): EntryHead {
  const [receivedAt = "", id = "", type = ""] = entry.toString("latin1", 0, entry.indexOf(LINE_FEED)).split(" ");
  return { receivedAtMs: Number(receivedAt), webhookId: id, type };
}

/** @returns `undefined` if none of our keys decrypts it */
export function entryRequest(cipher: ForwardCipher, lane: string, entry: Buffer): ForwardedRequest | undefined {
  const plain = cipher.open(entry.subarray(entry.indexOf(LINE_FEED) + 1), lane);
  if (plain === undefined) return undefined;
  const end = plain.indexOf(LINE_FEED);
  // Only our own entries can be decrypted.
  const headers = JSON.parse(plain.toString("utf8", 0, end)) as Readonly<Record<string, string>>;
  return { headers, body: plain.subarray(end + 1) };
}

const LINE_FEED = 10;
