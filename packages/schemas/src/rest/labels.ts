import { LABELLED_AT_ONCE_MAX, LABELS_A_MESSAGE_MAX } from "@ticktally/core";
import { z } from "zod";

const NAME = /^(?!\p{Z})[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]{1,64}(?<!\p{Z})$/u;

/** A label's name. Unicode variants of the same letters are equal. */
export const labelName = z
  .string()
  .max(256)
  .normalize("NFC")
  .regex(NAME, "must have 1 to 64 printable characters, and no space at either end")
  .meta({ id: "Label" });

const ID_LENGTH_MAX = 255;
const CHAT_ID_LENGTH_MAX = 128;
const idMessage = z.string().min(1).max(ID_LENGTH_MAX);
const instance = z.string().min(1).max(128).describe("Name or id of an instance.");

/** The body of `PUT /labels/:label`. */
export const labelRequest = z
  .strictObject({
    instance,
    idMessages: z
      .array(
        z.union([
          idMessage,
          z.strictObject({
            idMessage,
            chatId: z
              .string()
              .min(1)
              .max(CHAT_ID_LENGTH_MAX)
              .optional()
              .describe("Only the message of this chat, for gateways whose ids are unique only within a chat."),
          }),
        ]),
      )
      .min(1)
      .max(LABELLED_AT_ONCE_MAX)
      .describe(
        "Ids of outgoing messages, as the gateway gave them. Ids that no webhook has reported yet are labelled when one does.",
      ),
  })
  .meta({ id: "LabelRequest" });
export type LabelRequest = z.infer<typeof labelRequest>;

/** The query of `GET /labels` and `DELETE /labels/:label`. */
export const labelQuery = z.strictObject({ instance });

export const labelSetAnswer = z.object({
  success: z.literal(true),
  label: z.string(),
  instance: z.string(),
  labelled: z.number().int().describe("How many known messages of these ids have the label now."),
});

export const labelsAnswer = z.object({
  success: z.literal(true),
  labels: z.array(z.object({ label: z.string(), messages: z.number().int() })),
});

/** The labels of a message. */
export const labelList = z.array(z.string()).max(LABELS_A_MESSAGE_MAX);
