/** `error`: some or all webhooks are not counted. `warning`: less is known than could be. `info`: nothing has to be done. */
export const FINDING_SEVERITIES = ["error", "warning", "info"] as const;
export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** What a check of an instance and of its settings at the gateway may find. Programs rely on the words. */
export const FINDING_CODES = [
  /** The instance has no upstream, so its gateway cannot be asked. */
  "upstream_missing",
  /** The gateway has no settings that Ticktally can read. */
  "gateway_not_asked",
  /** Why the gateway did not answer. */
  "gateway_refused",
  "gateway_limited",
  "gateway_unavailable",
  "gateway_timeout",
  "gateway_unreadable",
  "gateway_failed",
  /** The account's state at the gateway. */
  "not_authorised",
  /** Where the gateway posts webhooks to. */
  "address_missing",
  "address_foreign",
  "address_unknown",
  "address_prevents_pull",
  /** The authorization it posts them with. */
  "token_missing",
  "token_foreign",
  "token_unknown",
  /** The gateway does not send something that is needed for counting. */
  "switched_off",
  "webhooks_waiting",
  /** When the last webhook came. */
  "last_webhook",
  "webhooks_stopped",
  "no_webhook_yet",
  /** Group messages are not recorded, by the instance's own settings. */
  "groups_ignored",
] as const;
export type FindingCode = (typeof FINDING_CODES)[number];
