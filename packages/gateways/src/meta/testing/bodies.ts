/** Bodies in Meta's shape for tests. @param number `null`: the change names none */
export function bodyOf(field: string, value: Record<string, unknown>, number: string | null = "100000000000001") {
  const metadata =
    number === null ? {} : { metadata: { display_phone_number: "15550002222", phone_number_id: number } };
  return {
    object: "whatsapp_business_account",
    entry: [
      { id: "200000000000001", changes: [{ field, value: { messaging_product: "whatsapp", ...metadata, ...value } }] },
    ],
  };
}

export function statusBody(...statuses: readonly unknown[]) {
  return bodyOf("messages", { statuses });
}

export function echoBody(...echoes: readonly unknown[]) {
  return bodyOf("smb_message_echoes", { message_echoes: echoes });
}
