import { INSTANCE_ID } from "@ticktally/core";
import { z } from "zod";

/** An instance's id where it is stored or asked for. */
export const instanceId = z
  .string()
  .regex(INSTANCE_ID, "must be an instance's id: 1 to 20 digits, or a gateway's name, a colon and the id there");
