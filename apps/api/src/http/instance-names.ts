import { ApiError } from "./api-error.ts";

const NAMES_MAX = 500;

/** Parse a comma-separated list; spaces around commas are allowed, repeated names count once. @throws {ApiError} bad_request */
export function instanceNames(list: unknown): readonly string[] {
  const names = typeof list === "string" ? list.split(",").map((name) => name.trim()) : [];
  const given = [...new Set(names.filter((name) => name !== ""))];
  if (given.length === 0)
    throw new ApiError("bad_request", "Name at least one instance: /metrics/sales or /metrics/sales,support.");
  if (given.length > NAMES_MAX)
    throw new ApiError("bad_request", `Name at most ${String(NAMES_MAX)} instances at a time.`);
  return given;
}
