import { z } from "zod";

/** Replies of the scripts that administer instances. */

export const createReply = z.enum(["done", "id_taken", "name_taken"]);
export const renameReply = z.enum(["done", "name_taken", "unknown"]);
export const addTokenReply = z.enum(["added", "unknown"]);

const count = z.number().int().nonnegative();
/** Names there are, names in order, the page's names, and the id of each. */
export const instancePageReply = z.tuple([count, count, z.array(z.string()), z.array(z.string().nullable())]);
