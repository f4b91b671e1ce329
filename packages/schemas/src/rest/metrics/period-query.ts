import { z } from "zod";

const MOMENT =
  "Beginning, inclusive. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds.";

/** The longest valid moments and zones have about half as many characters. Longer texts would cost time to parse. */
const CHARS_MAX = 64;

/** Parameters shared by queries for a period. The readers work out which moments and zones are meant. */
export const periodQuery = {
  from: z.string().max(CHARS_MAX).optional().describe(MOMENT),
  to: z.string().max(CHARS_MAX).optional().describe("End, exclusive; now if not given. In the same format as `from`."),
  tz: z.string().max(CHARS_MAX).default("UTC").describe("Time zone by its IANA name, such as `Europe/Berlin`."),
};

/** The beginning of an hour in the requested zone, with its offset. */
export const hourEdge = z.iso.datetime({ offset: true });

export const count = z.number().int().nonnegative();
