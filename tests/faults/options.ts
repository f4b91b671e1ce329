/** The options of `scripts/development/faults.mjs`, passed in the environment. */
export const SEED = Number(process.env["FAULTS_SEED"] ?? Date.now() % 1_000_000);

export const SOAK_MINUTES = Number(process.env["SOAK_MINUTES"] ?? 5);

const ONLY = process.env["FAULTS_ONLY"]?.split(",");

/** Whether a fault is selected: by `--only`, or by default all but the long ones. */
export function isSelected({ name, isLong = false }: { readonly name: string; readonly isLong?: boolean }): boolean {
  return ONLY?.includes(name) ?? (!isLong || process.env["FAULTS_LONG"] === "true");
}
