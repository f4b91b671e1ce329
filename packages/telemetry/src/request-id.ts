/** So long that a UUID or a trace id fits, so plain that it can stand in a header and in a log line as it is. */
const SANE = /^[\w.-]{1,64}$/;

/** The id a request was given by its sender or a proxy (`X-Request-Id`); `undefined` if it has none that we would repeat. */
export function requestIdOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" && SANE.test(header) ? header : undefined;
}
