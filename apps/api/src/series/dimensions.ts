import { DIMENSIONS, GROUP_PAIRS, type Dimension, type SeriesQuery } from "@ticktally/schemas";
import { ApiError } from "../http/api-error.ts";

/** The values that a query filters by, by dimension. */
type Filters = Readonly<Partial<Record<Exclude<Dimension, "instance">, string>>>;

export interface AskedDimensions {
  readonly groupBy: readonly Dimension[];
  readonly filters: Filters;
}

/**
 * Check the grouping and the filters against the counts that exist. Instances are read one by one, so that dimension combines with all
 * others.
 * @throws {ApiError} bad_request, listing the possible combinations
 */
export function dimensionsOf({ groupBy = [], ...query }: SeriesQuery): AskedDimensions {
  const { origin, direction, status, reason, type, chatKind, label } = query;
  const filters = Object.fromEntries(
    Object.entries({ origin, direction, status, reason, type, chatKind, label }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Filters;
  const both = [...new Set([...groupBy, ...Object.keys(filters)])].filter((dimension) => dimension !== "instance");
  const isKept = both.length < 2 || GROUP_PAIRS.some((pair) => isSameSet(pair, both));
  const isPair = groupBy.length < 2 || groupBy.includes("instance") || isKept;
  if (isKept && isPair && groupBy.length <= 2 && both.length <= 2) return { groupBy, filters };
  throw new ApiError(
    "bad_request",
    `Counts are not kept by ${[...new Set([...groupBy, ...both])].join(" × ")}. Group by one of ${DIMENSIONS.join(", ")}, or by two: instance with any other, ${GROUP_PAIRS.map((pair) => pair.join(" × ")).join(", ")}. A filter counts as a dimension.`,
  );
}

function isSameSet(pair: readonly string[], both: readonly string[]): boolean {
  return pair.length === both.length && pair.every((dimension) => both.includes(dimension));
}
