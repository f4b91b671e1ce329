import { INSTANCE_ID } from "@ticktally/core";
import { z } from "zod";

/** An instance's id where it is read back or asked for: digits, or `<gateway>:<external id>`. */
export const instanceId = z
  .string()
  .regex(INSTANCE_ID, "must be an idInstance, such as 7103000001 or meta:100000000000001");

/** The longest id: a gateway's name of 32 characters, a server's and an external one of 64. Names are as long where they are ids. */
export const INSTANCE_NAME_CHARS_MAX = 32 + 2 * (1 + 64);
