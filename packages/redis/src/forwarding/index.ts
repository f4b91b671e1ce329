export { DeadLetters } from "./dead-letters.ts";
export { ForwardCipher } from "./forward-cipher.ts";
export { forwardingRoom } from "./forwarding-room.ts";
export { entryHead, entryRequest, type EntryHead } from "./lane-entry.ts";
export { consumeLanes, LaneQueue } from "./lane-queue.ts";
export { LaneReader, type Attempt, type FirstEntry, type Done } from "./lane-reader.ts";
export { LaneWriter, laneName, type Appended, type ForwardedPart, type Lane, type ReceivedRequest } from "./lane-writer.ts";
export { TargetOverviews, type TargetOverview } from "./target-overview.ts";
export { openSecrets, RedisTargets, sealSecrets, type Targets } from "./target-store.ts";
