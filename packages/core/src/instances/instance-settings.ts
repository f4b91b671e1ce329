import type { InstanceId } from "./instance-id.ts";

export interface InstanceSettings {
  readonly ignoreGroupMessages: boolean;
  /** Above this share of failures, in (0, 1], an alert fires; `undefined`: the threshold for all instances applies. */
  readonly failureRatioMax?: number;
}

/** What is not given stays as it is. */
export interface InstanceSettingsChange {
  readonly ignoreGroupMessages?: boolean | undefined;
  /** `null`: use the threshold for all instances again. */
  readonly failureRatioMax?: number | null | undefined;
}

export interface SettingsStore {
  /** @returns the settings of each instance, in order; defaults for one that is not known */
  settings(instances: readonly InstanceId[]): Promise<readonly InstanceSettings[]>;
  changeSettings(instance: InstanceId, settings: InstanceSettingsChange): Promise<void>;
}
