import {
  CHAT_KINDS,
  DIRECTIONS,
  FAILURE_REASONS,
  FAILURES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  ORIGINS,
  REACHED_STATUSES,
} from "@ticktally/core";
import { z } from "zod";

/** Enumerations that many answers use: each is written once in the OpenAPI document. */
export const directionWord = z.enum(DIRECTIONS).meta({ id: "Direction" });
export const typeWord = z.enum([...MESSAGE_TYPES, "unknown"]).meta({ id: "MessageType" });
export const chatKindWord = z.enum([...CHAT_KINDS, "unknown"]).meta({ id: "ChatKind" });
export const originWord = z.enum(ORIGINS).meta({ id: "Origin" });
export const statusWord = z.enum(MESSAGE_STATUSES).meta({ id: "MessageStatus" });
export const reachedWord = z.enum(REACHED_STATUSES).meta({ id: "ReachedStatus" });
export const failureWord = z.enum(FAILURES).meta({ id: "Failure" });
export const reasonWord = z.enum(FAILURE_REASONS).meta({ id: "FailureReason" });
