import { describeMessageStore } from "./describe-message-store.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";

const store = new MemoryMessageStore();
let instances = 0;

describeMessageStore(
  "MemoryMessageStore",
  () => store,
  () => String(++instances),
  300,
);
