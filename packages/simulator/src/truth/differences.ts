/**
 * Differences between an answer and the expected object, one line each. A count that is not expected must be 0; other fields that are not
 * expected are ignored.
 * @param path prefix of the lines
 */
export function differences(path: string, expected: unknown, actual: unknown): readonly string[] {
  if (!isObject(expected))
    return isEqual(expected, actual) ? [] : [`${path}: ${shown(actual)} instead of ${shown(expected)}`];
  if (!isObject(actual)) return [`${path}: ${shown(actual)} instead of an object`];
  const named = Object.keys(expected);
  const further = Object.keys(actual).filter((key) => !Object.hasOwn(expected, key) && isCount(actual[key]));
  return [
    ...named.flatMap((key) => differences(`${path}.${key}`, expected[key], actual[key])),
    ...further.map((key) => `${path}.${key}: ${shown(actual[key])} instead of 0`),
  ];
}

function isEqual(expected: unknown, actual: unknown): boolean {
  if (typeof expected !== "number" || typeof actual !== "number") return expected === (actual ?? null);
  // A mean is a quotient; counts are whole.
  return Number.isInteger(expected) ? expected === actual : Math.abs(expected - actual) < 1e-6 * Math.max(1, expected);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value !== 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
