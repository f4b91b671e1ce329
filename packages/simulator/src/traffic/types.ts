/** Content types by our names: the gateway's names for them, and which failures uploads and downloads cause. */
export interface ContentKind {
  readonly typeMessage: string;
  readonly isFile: boolean;
}

const TYPES: Readonly<Record<string, ContentKind>> = {
  text: { typeMessage: "extendedTextMessage", isFile: false },
  image: { typeMessage: "imageMessage", isFile: true },
  video: { typeMessage: "videoMessage", isFile: true },
  audio: { typeMessage: "audioMessage", isFile: true },
  document: { typeMessage: "documentMessage", isFile: true },
  sticker: { typeMessage: "stickerMessage", isFile: true },
  location: { typeMessage: "locationMessage", isFile: false },
  contact: { typeMessage: "contactMessage", isFile: false },
  poll: { typeMessage: "pollMessage", isFile: false },
  interactive: { typeMessage: "interactiveButtons", isFile: false },
  groupInvite: { typeMessage: "groupInviteMessage", isFile: false },
};

interface Action {
  readonly type: string;
  readonly typeMessage: string;
  readonly weight: number;
}

export const ACTIONS: readonly [Action, ...Action[]] = [
  { type: "edited", typeMessage: "editedMessage", weight: 3 },
  { type: "deleted", typeMessage: "deletedMessage", weight: 2 },
  { type: "reaction", typeMessage: "reactionMessage", weight: 5 },
];

/** @throws {RangeError} if there is no such type */
export function contentKind(type: string): ContentKind {
  const kind = TYPES[type];
  if (kind === undefined) throw new RangeError(`there is no type ${type}`);
  return kind;
}

/** Failures in the gateway's own words, and the reason that Ticktally derives. */
export const FAILURES = [
  { weight: 10, isOfFile: false, reason: "timed_out", description: "Error: Timed Out" },
  { weight: 6, isOfFile: false, reason: "connection_closed", description: "Error: Connection Closed" },
  { weight: 4, isOfFile: false, reason: "not_authenticated", description: "MessageError: Not authenticated." },
  { weight: 4, isOfFile: false, reason: "none", description: undefined },
  { weight: 2, isOfFile: false, reason: "other", description: "Error: rate-overlimit" },
  { weight: 12, isOfFile: true, reason: "uploader_error", description: "Uploader Error" },
  {
    weight: 10,
    isOfFile: true,
    reason: "download_failed",
    description: "request was failed with bad status code 404. URL: https://files.example.org/offer.pdf",
  },
  {
    weight: 8,
    isOfFile: true,
    reason: "upload_failed",
    description: "upload request was failed with bad status code 503. URL: https://media.example.org/upload",
  },
  {
    weight: 5,
    isOfFile: true,
    reason: "file_too_large",
    description: "file size should not exceed 100 megabytes. URL: https://files.example.org/tour.mp4",
  },
  {
    weight: 3,
    isOfFile: true,
    reason: "file_empty",
    description: "file should not be empty. URL: https://files.example.org/blank.jpg",
  },
  { weight: 3, isOfFile: true, reason: "send_file_failed", description: "failed to send message with file" },
] as const;

export const GROUP_TOO_LARGE = {
  reason: "group_too_large",
  description: "SWE004: the number of participants in the group has been exceeded - 706",
} as const;

/** Failures during an incident: of the file server, or of the connection. */
export const INCIDENT = {
  file: {
    reason: "download_failed",
    description: "request was failed with bad status code 503. URL: https://files.example.org/offer.pdf",
  },
  other: { reason: "timed_out", description: "Error: Timed Out" },
} as const;
