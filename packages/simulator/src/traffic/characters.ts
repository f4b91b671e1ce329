/** Profiles of instances and how they are used. Shares are between 0 and 1. */
export interface Character {
  readonly name: string;
  readonly product: "whatsapp" | "telegram" | "meta";
  /** Messages on an average day, in and out, without campaigns. */
  readonly perDay: number;
  readonly utcOffsetHours: number;
  /** Weight of each hour of the local day. */
  readonly hours: readonly number[];
  /** Weight of each day, Monday first. */
  readonly weekdays: readonly number[];
  readonly contacts: number;
  readonly groups: number;
  readonly groupShare: number;
  readonly incomingShare: number;
  /** Share of outgoing messages. */
  readonly phoneShare: number;
  /** Edits, deletions and reactions. */
  readonly actionShare: number;
  readonly types: readonly [WeightedType, ...WeightedType[]];
  readonly readShare: number;
  readonly readMedianSeconds: number;
  readonly noAccountShare: number;
  readonly failedShare: number;
  readonly campaign?: Campaign;
}

interface WeightedType {
  /** A key of `TYPES`. */
  readonly type: string;
  readonly weight: number;
}

/** A burst of messages, each with the campaign's label. */
interface Campaign {
  readonly weekdays: readonly number[];
  readonly hour: number;
  readonly minutes: number;
  readonly messages: number;
  readonly labels: readonly [string, ...string[]];
}

const OFFICE = [0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 9, 7, 8, 9, 8, 7, 5, 3, 2, 1, 1, 0, 0];
const SHOPPING = [2, 1, 1, 0.5, 0.5, 1, 2, 4, 5, 6, 7, 8, 8, 7, 6, 6, 7, 8, 10, 11, 10, 8, 6, 4];
const ALWAYS = [4, 3, 3, 2, 2, 3, 4, 5, 6, 6, 6, 6, 7, 7, 6, 6, 6, 7, 7, 8, 8, 7, 6, 5];
const FAMILY = [1, 0.5, 0, 0, 0, 1, 4, 9, 5, 3, 3, 3, 4, 4, 5, 6, 6, 7, 8, 9, 9, 7, 4, 2];
const SHOP_WEEK = [1, 0.95, 0.95, 1, 1.15, 1.3, 1.1];
const WORK_WEEK = [1.4, 1.3, 1.3, 1.25, 1.15, 0.4, 0.1];
const EVERY_DAY = [1, 1, 1, 1, 1, 1, 1];

const TEXTS = [{ type: "text", weight: 1 }] as const;

export const CHARACTERS: readonly [Character, ...Character[]] = [
  {
    name: "shop",
    product: "whatsapp",
    perDay: 3_600,
    utcOffsetHours: 3,
    hours: SHOPPING,
    weekdays: SHOP_WEEK,
    contacts: 6_000,
    groups: 3,
    groupShare: 0.02,
    incomingShare: 0.35,
    phoneShare: 0.08,
    actionShare: 0.02,
    types: [
      { type: "text", weight: 56 },
      { type: "image", weight: 18 },
      { type: "document", weight: 12 },
      { type: "interactive", weight: 8 },
      { type: "audio", weight: 3 },
      { type: "location", weight: 2 },
      { type: "contact", weight: 1 },
    ],
    readShare: 0.82,
    readMedianSeconds: 240,
    noAccountShare: 0.008,
    failedShare: 0.008,
  },
  {
    name: "clinic",
    product: "whatsapp",
    perDay: 900,
    utcOffsetHours: 3,
    hours: OFFICE,
    weekdays: WORK_WEEK,
    contacts: 900,
    groups: 2,
    groupShare: 0.03,
    incomingShare: 0.3,
    phoneShare: 0.15,
    actionShare: 0.01,
    types: [
      { type: "text", weight: 80 },
      { type: "document", weight: 12 },
      { type: "location", weight: 5 },
      { type: "image", weight: 3 },
    ],
    readShare: 0.93,
    readMedianSeconds: 400,
    noAccountShare: 0.02,
    failedShare: 0.004,
  },
  {
    name: "bot",
    product: "telegram",
    perDay: 2_600,
    utcOffsetHours: 0,
    hours: ALWAYS,
    weekdays: EVERY_DAY,
    contacts: 2_500,
    groups: 40,
    groupShare: 0.12,
    incomingShare: 0.48,
    phoneShare: 0,
    actionShare: 0.03,
    types: [
      { type: "text", weight: 74 },
      { type: "image", weight: 12 },
      { type: "interactive", weight: 8 },
      { type: "sticker", weight: 4 },
      { type: "poll", weight: 2 },
    ],
    readShare: 0.9,
    readMedianSeconds: 25,
    noAccountShare: 0.002,
    failedShare: 0.006,
  },
  {
    name: "newsletter",
    product: "whatsapp",
    perDay: 150,
    utcOffsetHours: 1,
    hours: OFFICE,
    weekdays: WORK_WEEK,
    contacts: 9_000,
    groups: 1,
    groupShare: 0,
    incomingShare: 0.6,
    phoneShare: 0.05,
    actionShare: 0.02,
    types: [
      { type: "image", weight: 60 },
      { type: "text", weight: 30 },
      { type: "video", weight: 10 },
    ],
    readShare: 0.55,
    readMedianSeconds: 2_400,
    noAccountShare: 0.05,
    failedShare: 0.012,
    campaign: {
      weekdays: [1, 3],
      hour: 10,
      minutes: 50,
      messages: 3_000,
      labels: ["autumn-sale", "new-arrivals", "members-only", "last-chance", "spring-news"],
    },
  },
  {
    name: "support",
    product: "whatsapp",
    perDay: 1_300,
    utcOffsetHours: 2,
    hours: OFFICE,
    weekdays: WORK_WEEK,
    contacts: 700,
    groups: 25,
    groupShare: 0.2,
    incomingShare: 0.5,
    phoneShare: 0.75,
    actionShare: 0.08,
    types: [
      { type: "text", weight: 66 },
      { type: "audio", weight: 14 },
      { type: "image", weight: 10 },
      { type: "document", weight: 7 },
      { type: "video", weight: 2 },
      { type: "sticker", weight: 1 },
    ],
    readShare: 0.9,
    readMedianSeconds: 90,
    noAccountShare: 0.001,
    failedShare: 0.004,
  },
  {
    name: "school",
    product: "whatsapp",
    perDay: 800,
    utcOffsetHours: 5,
    hours: FAMILY,
    weekdays: [1.2, 1.2, 1.2, 1.2, 1, 0.5, 0.7],
    contacts: 500,
    groups: 30,
    groupShare: 0.8,
    incomingShare: 0.6,
    phoneShare: 0.5,
    actionShare: 0.12,
    types: [
      { type: "text", weight: 70 },
      { type: "image", weight: 15 },
      { type: "poll", weight: 5 },
      { type: "document", weight: 5 },
      { type: "sticker", weight: 4 },
      { type: "groupInvite", weight: 1 },
    ],
    readShare: 0.97,
    readMedianSeconds: 120,
    noAccountShare: 0,
    failedShare: 0.003,
  },
  {
    name: "couriers",
    product: "telegram",
    perDay: 900,
    utcOffsetHours: 3,
    hours: SHOPPING,
    weekdays: SHOP_WEEK,
    contacts: 120,
    groups: 12,
    groupShare: 0.6,
    incomingShare: 0.55,
    phoneShare: 0.3,
    actionShare: 0.04,
    types: [
      { type: "text", weight: 50 },
      { type: "location", weight: 30 },
      { type: "image", weight: 18 },
      { type: "audio", weight: 2 },
    ],
    readShare: 0.95,
    readMedianSeconds: 60,
    noAccountShare: 0,
    failedShare: 0.005,
  },
  {
    name: "travel",
    product: "meta",
    perDay: 1_100,
    utcOffsetHours: 1,
    hours: SHOPPING,
    weekdays: EVERY_DAY,
    contacts: 2_000,
    groups: 0,
    groupShare: 0,
    incomingShare: 0.3,
    phoneShare: 0.1,
    // Edits and deletions made through the API are not reported.
    actionShare: 0,
    types: [
      { type: "text", weight: 60 },
      { type: "interactive", weight: 20 },
      { type: "document", weight: 12 },
      { type: "image", weight: 8 },
    ],
    readShare: 0.86,
    readMedianSeconds: 300,
    noAccountShare: 0.012,
    failedShare: 0.015,
  },
];

/**
 * One-time codes for signing in, day and night: a message every {@link CODE_SECONDS}, and so a status every two seconds. There is always
 * traffic, even at four in the morning.
 */
export const CODES: Character = {
  ...CHARACTERS[0],
  name: "codes",
  perDay: 0,
  contacts: 900,
  groups: 0,
  groupShare: 0,
  types: TEXTS,
};
export const CODE_SECONDS = 6;
