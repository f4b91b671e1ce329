/** What `scripts/development/faults.mjs` was told, handed over in the environment. */
export const SEED = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

export const SOAK_MINUTES = Number(process.env["SOAK_MINUTES"] ?? 5);

const ONLY = process.env["FAULTS_ONLY"]?.split(",");

/** Whether a fault takes part: named by `--only`, or all but the long ones. */
export function takesPart({ name, isLong = false }: { readonly name: string; readonly isLong?: boolean }): boolean {
  return ONLY?.includes(name) ?? (!isLong || process.env["FAULTS_LONG"] === "true");
}
