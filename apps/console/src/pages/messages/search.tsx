import { useState } from "preact/hooks";
import { request, RequestError } from "../../rest/request.ts";
import { choice, go, linkTo } from "../../state/location.ts";
import { session } from "../../state/session.ts";
import { listChoices } from "./list.tsx";

interface Place {
  readonly instance: string;
  readonly chatId: string | null;
}

/** Finds a message by its id in any instance. If several have one, the user chooses. */
export function Search({ instance }: { readonly instance: string | undefined }) {
  const [fault, setFault] = useState("");
  const [several, setSeveral] = useState<{ readonly id: string; readonly places: readonly Place[] }>();
  const linkOf = (place: Place, id: string) =>
    linkTo(["messages", place.instance, id], {
      ...listChoices(choice("instance")),
      chatId: place.chatId ?? undefined,
    });
  const find = async (id: string) => {
    // An instance's token cannot read other instances.
    if (session.value?.kind === "instance") {
      go(linkOf({ instance: instance ?? session.value.name, chatId: null }, id));
      return;
    }
    const { messages } = await request<{ messages: readonly Place[] }>(`/messages/all/${encodeURIComponent(id)}`);
    const [first] = messages;
    if (messages.length === 1 && first !== undefined) go(linkOf(first, id));
    else setSeveral({ id, places: messages });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const id = (event.currentTarget as HTMLFormElement).querySelector("input")?.value.trim() ?? "";
    if (id === "") return;
    setFault("");
    setSeveral(undefined);
    find(id).catch((error: unknown) => {
      const isUnknown = error instanceof RequestError && error.status === 404;
      setFault(isUnknown ? "No message has this id." : error instanceof Error ? error.message : "");
    });
  };
  return (
    <form class="search" role="search" onSubmit={submit}>
      <span class="fault" role="alert">
        {fault}
      </span>
      <input class="field" type="search" name="id" placeholder="Message id ( / )" aria-label="Message id" />
      <button class="button">Find</button>
      {several === undefined ? null : (
        <ul class="several" aria-label="Messages with this id">
          {several.places.map((place) => (
            <li key={`${place.instance} ${place.chatId ?? ""}`}>
              <a href={linkOf(place, several.id)}>
                {place.instance}
                {place.chatId === null ? "" : ` · ${place.chatId}`}
              </a>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
