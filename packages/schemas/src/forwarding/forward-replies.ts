import { z } from "zod";

/** What scripts of forwarding answer. */

export const targetsReply = z.array(z.string());
export const appendReply = z.string();
export const stepReply = z.tuple([z.instanceof(Buffer)]).rest(z.union([z.instanceof(Buffer), z.number()]));
export const deadReply = z.array(z.string());
