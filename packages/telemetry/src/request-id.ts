/** Long enough for a UUID or a trace id, and safe to repeat in a header and a log line. */
const SANE = /^[\w.-]{1,64}$/;

/** The id that the sender or a proxy gave the request (`X-Request-Id`); `undefined` if there is none or it is not safe to repeat. */
export function requestIdOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" && SANE.test(header) ? header : undefined;
}
