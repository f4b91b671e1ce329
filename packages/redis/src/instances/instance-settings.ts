import type { InstanceSettings, InstanceSettingsChange } from "@ticktally/core";

/** Fields of META that hold settings. */
export const SETTING_FIELDS = ["ignoreGroups", "failureRatioMax"] as const;

/** @param values of {@link SETTING_FIELDS}, in order */
export function settingsOf([ignoreGroups, ratio]: readonly (Buffer | null | undefined)[]): InstanceSettings {
  const failureRatioMax = failureRatioOf(ratio);
  return {
    ignoreGroupMessages: ignoreGroups?.toString() === "1",
    ...(failureRatioMax === undefined ? {} : { failureRatioMax }),
  };
}

/** @param value of the field `failureRatioMax` */
export function failureRatioOf(value: Buffer | null | undefined): number | undefined {
  const ratio = Number(value ?? NaN);
  return ratio > 0 && ratio <= 1 ? ratio : undefined;
}

/** @returns fields and values to store, and fields to delete */
export function changedFields({ ignoreGroupMessages, failureRatioMax }: InstanceSettingsChange): {
  readonly stored: Readonly<Record<string, string>>;
  readonly deleted: readonly string[];
} {
  return {
    stored: {
      ...(ignoreGroupMessages === undefined ? {} : { ignoreGroups: ignoreGroupMessages ? "1" : "0" }),
      ...(failureRatioMax == null ? {} : { failureRatioMax: String(failureRatioMax) }),
    },
    deleted: failureRatioMax === null ? ["failureRatioMax"] : [],
  };
}
