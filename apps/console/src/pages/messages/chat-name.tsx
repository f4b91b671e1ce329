/** A chat for people: a phone number with its plus, a group, a channel. */
export function ChatName({ chatId }: { readonly chatId: string | null }) {
  if (chatId === null) return <span class="quiet">unknown</span>;
  return <span title={chatId}>{nameOf(chatId)}</span>;
}

function nameOf(chatId: string): string {
  if (chatId.startsWith("@")) return "deleted chat";
  if (chatId === "status@broadcast") return "Story";
  const at = chatId.lastIndexOf("@");
  const [user, server] = at === -1 ? [chatId, ""] : [chatId.slice(0, at), chatId.slice(at + 1)];
  switch (server) {
    case "c.us":
      return `+${user}`;
    case "g.us":
      return `Group ${user}`;
    case "newsletter":
      return `Channel ${user}`;
    case "broadcast":
      return `List ${user}`;
    default:
      return user.startsWith("-") ? `Group ${user}` : user;
  }
}
