import type { IncomingMessage } from "node:http";

/** A missing type is let through: it must not hold a feed back that is JSON all the same. */
export function isPlainJson({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const type = headers["content-type"];
  const encoding = headers["content-encoding"];
  return (type === undefined || JSON_TYPE.test(type)) && (encoding === undefined || encoding === "identity");
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
