import { parseAbridged, type KeptFields } from "../json/abridged-json.ts";
import { parseJsonText } from "../json/exact-json.ts";

/** For the worst input of this size JSON.parse takes 10 ms and 4 MB. */
const PARSED_CHARS_MAX = 65_536;

const ERROR: KeptFields = { code: undefined, title: undefined, message: undefined, error_data: { details: undefined } };

const STATUS: KeptFields = {
  id: undefined,
  status: undefined,
  type: undefined,
  timestamp: undefined,
  recipient_id: undefined,
  recipient_user_id: undefined,
  recipient_parent_user_id: undefined,
  parent_recipient_user_id: undefined,
  recipient_type: undefined,
  recipient_participant_id: undefined,
  recipient_participant_user_id: undefined,
  recipient_participant_parent_user_id: undefined,
  participant_recipient_id: undefined,
  pricing: { category: undefined, type: undefined, billable: undefined },
  errors: [ERROR, 1],
};

const MESSAGE: KeptFields = {
  id: undefined,
  type: undefined,
  timestamp: undefined,
  group_id: undefined,
  edit: { original_message_id: undefined },
  revoke: { original_message_id: undefined },
  reaction: { message_id: undefined },
};

/** All counted fields. In each list except those of errors an element is a separate part, which limits how many are read. */
const BODY: KeptFields = {
  object: undefined,
  entry: [
    {
      id: undefined,
      changes: [
        {
          field: undefined,
          value: {
            metadata: { phone_number_id: undefined },
            errors: [ERROR, 1],
            statuses: [STATUS],
            messages: [{ ...MESSAGE, from: undefined, from_user_id: undefined, from_parent_user_id: undefined }],
            message_echoes: [{ ...MESSAGE, to: undefined, to_user_id: undefined, to_parent_user_id: undefined }],
          },
        },
      ],
    },
  ],
};

/** Bodies may have 3 MB, with thousands of statuses or a single text. @throws {SyntaxError} if it is not JSON */
export function parse(text: string): unknown {
  return text.length > PARSED_CHARS_MAX ? parseAbridged(text, BODY) : parseJsonText(text);
}
