import type { Message } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { MESSAGE_WORDS, reasonWord } from "../../format/words.ts";
import { CsvLink } from "../../parts/card.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Table, type Column } from "../../parts/table.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { Time } from "../../parts/time.tsx";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";
import { useResource } from "../../rest/resource.ts";
import { choose, go, linkTo } from "../../state/location.ts";
import { periodOf, timeZone } from "../../state/scope.ts";
import { ChatName } from "./chat-name.tsx";
import { filtersOf, NO_FILTERS } from "./filters.tsx";

interface Page {
  readonly messages: readonly Message[];
  readonly nextCursor: string | null;
}

const PAGE = 100;
/** Maximum rows of a file. */
const CSV_ROWS_MAX = 1_000;

const COLUMNS: readonly Column<Message>[] = [
  { name: "status", title: "Status", cell: ({ status }) => (status === null ? "Received" : <Ticks status={status} />) },
  { name: "at", title: "Last update", cell: (message) => <Time at={lastTimeOf(message)} /> },
  { name: "chat", title: "Chat", cell: ({ chatId }) => <ChatName chatId={chatId} /> },
  { name: "type", title: "Type", cell: ({ type }) => MESSAGE_WORDS[type] ?? type },
  {
    name: "reason",
    title: "Reason or label",
    cell: ({ reason, labels }) => (reason === undefined ? labels.join(", ") : reasonWord(reason)),
  },
  { name: "id", title: "Id", cell: ({ idMessage }) => <code class="id">{idMessage}</code> },
];

/** An instance's messages of the period, newest first. New ones appear while the first page is open. */
export function List({ instance }: { readonly instance: string }) {
  const { from, to } = periodOf(Date.now());
  const query = { ...filtersOf(), from, to, tz: timeZone.value };
  const path = `/messages/${encodeURIComponent(instance)}`;
  const [further, setFurther] = useState<readonly Page[]>([]);
  const first = useResource<Page>(path, {
    query: { ...query, limit: PAGE },
    ...(further.length === 0 ? { everySeconds: 5 } : {}),
  });
  const { fault, isBusy, make } = useChange();
  if (first.answer === undefined)
    return first.error === undefined ? <Loading lines={12} /> : <Fault error={first.error} retry={first.reload} />;

  const pages = [first.answer, ...further];
  const messages = pages.flatMap((page) => page.messages);
  const next = pages.at(-1)?.nextCursor ?? undefined;
  const more = () => {
    void make(async () => request<Page>(path, { query: { ...query, limit: PAGE, cursor: next } })).then((page) => {
      if (page !== undefined) setFurther((before) => [...before, page]);
    });
  };
  if (messages.length === 0 && next === undefined) return <NoMessages />;
  const given = Object.entries({ ...query, format: "csv", limit: String(CSV_ROWS_MAX) }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return (
    <div class="card flush">
      <div class="table-tools">
        <span class="quiet small">
          {next === undefined ? `${String(messages.length)} messages` : `The newest ${String(messages.length)}`}
        </span>
        <CsvLink href={`${path}?${new URLSearchParams(given).toString()}`} />
      </div>
      <Table
        caption={`Messages of ${instance}, newest first`}
        columns={COLUMNS}
        rows={messages}
        keyOf={({ direction, idMessage, chatId }) => `${direction}${idMessage}${chatId ?? ""}`}
        onOpen={({ idMessage, chatId }) => {
          go(linkTo(["messages", instance, idMessage], { ...listChoices(), chatId: chatId ?? undefined }));
        }}
      />
      {next === undefined ? null : (
        <button type="button" class="button more" disabled={isBusy} onClick={more}>
          {isBusy ? "Loading …" : "Show more"}
        </button>
      )}
      <p class="fault" role="alert">
        {fault}
      </p>
    </div>
  );
}

function NoMessages() {
  return (
    <Empty title="No message of this period matches.">
      <button
        type="button"
        class="button"
        onClick={() => {
          choose({ ...NO_FILTERS, range: "30d" });
        }}
      >
        Show all of 30 days
      </button>
    </Empty>
  );
}

/** The list's filters, so it is the same after a message is closed. */
export function listChoices(instance?: string): Readonly<Record<string, string | undefined>> {
  return { ...filtersOf(), instance };
}

function lastTimeOf({ timeline, observedAt }: Message): string | null {
  return timeline.at(-1)?.at ?? observedAt;
}
