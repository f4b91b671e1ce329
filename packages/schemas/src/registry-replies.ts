import { z } from "zod";

/** Replies of the scripts that administer instances. */

export const createReply = z.enum(["done", "id_taken", "name_taken"]);
export const renameReply = z.enum(["done", "name_taken", "unknown"]);
export const addTokenReply = z.enum(["added", "unknown"]);
