import { useEffect, useState } from "preact/hooks";
import type { Message } from "@ticktally/schemas";
import { MESSAGE_WORDS } from "../../format/words.ts";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { Time } from "../../parts/time.tsx";
import { allInstances } from "../../rest/instances.ts";
import { request, RequestError } from "../../rest/request.ts";
import { choice, choose, go, linkTo, segments } from "../../state/location.ts";
import { instances } from "../../state/scope.ts";
import { ChatName } from "./chat-name.tsx";
import { Filters, filtersOf } from "./filters.tsx";
import { MessageDrawer } from "./message-drawer.tsx";
import { reasonWord } from "../../format/words.ts";

interface Page {
  readonly messages: readonly Message[];
  readonly nextCursor: string | null;
}

/** Search by id, and what is stuck or failed. Messages are listed by instance: with several chosen, the first. */
export function Messages() {
  const [, openInstance, openId] = segments.value;
  const chosen = instances.value.split(",")[0]?.trim() ?? "all";
  const instance = choice("instance") ?? (chosen === "all" ? undefined : chosen);
  return (
    <>
      <div class="page-head">
        <h1>Messages</h1>
        <Search instance={instance} />
      </div>
      <Filters instance={instance} />
      {instance === undefined ? (
        <ChooseInstance />
      ) : (
        <List key={`${instance}${JSON.stringify(filtersOf())}`} instance={instance} />
      )}
      {openInstance === undefined || openId === undefined ? null : (
        <MessageDrawer instance={openInstance} idMessage={openId} chatId={choice("chatId")} />
      )}
    </>
  );
}

const CHOICES_MAX = 40;

function ChooseInstance() {
  const all = allInstances.value.answer ?? [];
  return (
    <Empty title="Choose an instance to list its messages, or search for a message by its id.">
      <div class="chips">
        {all.slice(0, CHOICES_MAX).map(({ name }) => (
          <button
            key={name}
            type="button"
            class="chip"
            onClick={() => {
              choose({ instance: name });
            }}
          >
            {name}
          </button>
        ))}
      </div>
      {all.length > CHOICES_MAX ? (
        <p class="quiet small">The first {CHOICES_MAX}; type the name of another above.</p>
      ) : null}
    </Empty>
  );
}

function Search({ instance }: { readonly instance: string | undefined }) {
  const [fault, setFault] = useState("");
  const find = (event: Event) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const id = form.querySelector("input")?.value.trim() ?? "";
    if (id === "") return;
    setFault("");
    request<{ messages: readonly { instance: string }[] }>(`/messages/all/${encodeURIComponent(id)}`).then(
      ({ messages: [first] }) => {
        if (first !== undefined) go(linkTo(["messages", first.instance, id], { instance }));
      },
      (error: unknown) => {
        const isUnknown = error instanceof RequestError && error.status === 404;
        setFault(isUnknown ? "No message has this id." : error instanceof Error ? error.message : "");
      },
    );
  };
  return (
    <form class="search" role="search" onSubmit={find}>
      <input class="field" type="search" name="id" placeholder="Message id ( / )" aria-label="Message id" />
      <button class="button">Find</button>
      <span class="fault" role="alert">
        {fault}
      </span>
    </form>
  );
}

const COLUMNS: readonly Column<Message>[] = [
  { name: "status", title: "Status", cell: ({ status }) => (status === null ? "Received" : <Ticks status={status} />) },
  { name: "at", title: "Last update", cell: (message) => <Time at={lastTimeOf(message)} /> },
  { name: "chat", title: "Chat", cell: ({ chatId }) => <ChatName chatId={chatId} /> },
  { name: "type", title: "Type", cell: ({ type }) => MESSAGE_WORDS[type] ?? type },
  { name: "reason", title: "Reason", cell: ({ reason }) => (reason === undefined ? "" : reasonWord(reason)) },
  { name: "id", title: "Id", cell: ({ idMessage }) => <code class="id">{idMessage}</code> },
];

function List({ instance }: { readonly instance: string }) {
  const [pages, setPages] = useState<readonly Page[]>([]);
  const [error, setError] = useState<RequestError>();
  const [isLoading, setLoading] = useState(false);
  const load = (cursor?: string) => {
    setLoading(true);
    setError(undefined);
    request<Page>(`/messages/${encodeURIComponent(instance)}`, { query: { ...filtersOf(), limit: 100, cursor } })
      .then(
        (page) => {
          setPages((before) => (cursor === undefined ? [page] : [...before, page]));
        },
        (fault: unknown) => {
          if (fault instanceof RequestError) setError(fault);
        },
      )
      .finally(() => {
        setLoading(false);
      });
  };
  useEffect(() => {
    load();
  }, []);

  const messages = pages.flatMap((page) => page.messages);
  const next = pages.at(-1)?.nextCursor ?? undefined;
  if (error !== undefined && pages.length === 0)
    return (
      <Fault
        error={error}
        retry={() => {
          load();
        }}
      />
    );
  if (pages.length === 0) return <Loading lines={10} />;
  if (messages.length === 0 && next === undefined) {
    return (
      <Empty title="No message fits.">
        <button
          type="button"
          class="button"
          onClick={() => {
            choose(NO_FILTERS);
          }}
        >
          Show all
        </button>
      </Empty>
    );
  }
  return (
    <div class="card flush">
      <Table
        caption={`Messages of ${instance}, the last updated first`}
        columns={COLUMNS}
        rows={messages}
        keyOf={({ direction, idMessage, chatId }) => `${direction}${idMessage}${chatId ?? ""}`}
        onOpen={({ idMessage, chatId }) => {
          go(linkTo(["messages", instance, idMessage], { ...choices(), chatId: chatId ?? undefined }));
        }}
      />
      {next === undefined ? null : (
        <button
          type="button"
          class="button more"
          disabled={isLoading}
          onClick={() => {
            load(next);
          }}
        >
          {isLoading ? "Loading …" : "Show more"}
        </button>
      )}
    </div>
  );
}

const FILTER_NAMES = ["status", "origin", "direction", "reason", "label", "olderThan"] as const;
const NO_FILTERS = Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined]));

function choices(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(["instance", ...FILTER_NAMES].map((name) => [name, choice(name)]));
}

function lastTimeOf({ timeline, observedAt }: Message): string | null {
  return timeline.at(-1)?.at ?? observedAt;
}
