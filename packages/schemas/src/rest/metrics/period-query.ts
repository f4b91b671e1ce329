import { z } from "zod";

const MOMENT =
  "Beginning, included. ISO 8601 (`2026-10-01`, `2026-10-01T08:00`, `2026-10-01T08:00:00+02:00`; without an offset it is in `tz`) or Unix seconds.";

/** The longest moments and zones that there are have about half as many. Longer texts cost time to read. */
const CHARS_MAX = 64;

/** What queries for a period share; which moments and zones are meant is worked out by who reads them. */
export const periodQuery = {
  from: z.string().max(CHARS_MAX).optional().describe(MOMENT),
  to: z.string().max(CHARS_MAX).optional().describe("End, not included; now if not given. Written as `from` is."),
  tz: z.string().max(CHARS_MAX).default("UTC").describe("Time zone by its IANA name, such as `Europe/Berlin`."),
};

/** An hour's beginning in the zone asked for, with its offset. */
export const hourEdge = z.iso.datetime({ offset: true });

export const count = z.number().int().nonnegative();
