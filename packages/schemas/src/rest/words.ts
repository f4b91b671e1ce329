import { FAILURE_REASONS, FAILURES, MESSAGE_STATUSES, ORIGINS, REACHED_STATUSES } from "@ticktally/core";
import { z } from "zod";

/** Words that many answers have: each list is written once in the OpenAPI document. */
export const originWord = z.enum(ORIGINS).meta({ id: "Origin" });
export const statusWord = z.enum(MESSAGE_STATUSES).meta({ id: "MessageStatus" });
export const reachedWord = z.enum(REACHED_STATUSES).meta({ id: "ReachedStatus" });
export const failureWord = z.enum(FAILURES).meta({ id: "Failure" });
export const reasonWord = z.enum(FAILURE_REASONS).meta({ id: "FailureReason" });
