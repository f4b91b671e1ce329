import type { IncomingMessage } from "node:http";

/** A missing content type is accepted: a feed of valid JSON must not be held back for it. */
export function isPlainJson({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  return (type === undefined || JSON_TYPE.test(type)) && (encoding === undefined || encoding === "identity");
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
