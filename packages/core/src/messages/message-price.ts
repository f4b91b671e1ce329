/**
 * What a gateway charges a message as, if it reports that. Both lists are closed sets, safe as metric labels; `other` is for words outside
 * them. The position is the stored code: append only.
 */
export const PRICE_CATEGORIES = [
  "other",
  "marketing",
  "marketing_lite",
  "utility",
  "authentication",
  "authentication_international",
  "service",
  "referral_conversion",
  "group_marketing",
  "group_utility",
  "group_service",
  "general_purpose_ai",
] as const;
export type PriceCategory = (typeof PRICE_CATEGORIES)[number];

export const PRICE_TYPES = ["other", "regular", "free_customer_service", "free_entry_point"] as const;
export type PriceType = (typeof PRICE_TYPES)[number];

/**
 * Which of two reported prices a message keeps, for each list separately: a specific word before `other`, otherwise the one first in its
 * list. Both are places in the list, or {@link PRICE_NONE} if none was reported.
 */
export function preferredPriceCode(a: number, b: number): number {
  if (a === PRICE_NONE || b === PRICE_NONE) return Math.max(a, b);
  return a === OTHER || b === OTHER ? Math.max(a, b) : Math.min(a, b);
}

export const PRICE_NONE = -1;
const OTHER = 0;

export interface Price {
  readonly category: PriceCategory;
  readonly type: PriceType;
}
