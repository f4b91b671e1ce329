import { isFailure } from "@ticktally/core";
import type { Message } from "@ticktally/schemas";
import { MESSAGE_WORDS, reasonWord } from "../../format/words.ts";
import { Copied } from "../../parts/copied.tsx";
import { Drawer } from "../../parts/drawer.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { Time } from "../../parts/time.tsx";
import { useResource } from "../../rest/resource.ts";
import { choice, go, linkTo } from "../../state/location.ts";
import { ChatName } from "./chat-name.tsx";
import { listChoices } from "./list.tsx";
import { Timeline } from "./timeline.tsx";

interface DrawerProps {
  readonly instance: string;
  readonly idMessage: string;
  readonly chatId: string | undefined;
}

/** One message: its status and its timeline. */
export function MessageDrawer({ instance, idMessage, chatId }: DrawerProps) {
  const path = `/messages/${encodeURIComponent(instance)}/${encodeURIComponent(idMessage)}`;
  const { answer, error, reload } = useResource<{ message: Message }>(path, { query: { chatId }, everySeconds: 5 });
  const close = () => {
    go(linkTo(["messages"], listChoices(choice("instance") ?? instance)));
  };
  return (
    <Drawer title="Message" onClose={close}>
      {answer !== undefined ? (
        <Content message={answer.message} instance={instance} />
      ) : error === undefined ? (
        <Loading lines={8} />
      ) : error.status === 404 ? (
        <Empty title={`${instance} has no message with the id ${idMessage}.`}>
          <p>Messages are kept for 30 days after their last event, or as long as MESSAGE_RETENTION_DAYS says.</p>
        </Empty>
      ) : error.status === 409 ? (
        <ChooseChat instance={instance} idMessage={idMessage} chats={error.chats} />
      ) : (
        <Fault error={error} retry={reload} />
      )}
    </Drawer>
  );
}

/** At some gateways ids are unique only within a chat. */
function ChooseChat({
  instance,
  idMessage,
  chats,
}: {
  readonly instance: string;
  readonly idMessage: string;
  readonly chats: readonly string[];
}) {
  return (
    <Empty title="Several chats have a message with this id.">
      <ul class="options">
        {chats.map((chat) => (
          <li key={chat}>
            <a href={linkTo(["messages", instance, idMessage], { ...listChoices(choice("instance")), chatId: chat })}>
              <ChatName chatId={chat} />
            </a>
          </li>
        ))}
      </ul>
    </Empty>
  );
}

function Content({ message, instance }: { readonly message: Message; readonly instance: string }) {
  const { status, direction, chatId, type, origin, reason, description, code, idMessage, observedAt } = message;
  const failed = status !== null && isFailure(status);
  return (
    <>
      <p class="standing">{status === null ? "Received" : <Ticks status={status} />}</p>
      <p class="quiet">
        {MESSAGE_WORDS[type] ?? type} {direction === "incoming" ? "from" : "to"} <ChatName chatId={chatId} />
        {direction === "incoming" ? "" : originWords(origin)}
      </p>
      {failed && reason !== undefined ? (
        <p class="notice bad">
          <strong>{reasonWord(reason)}.</strong>
          {description === undefined ? null : <> “{description}”</>}
          {code === undefined ? null : <span class="quiet"> (code {code})</span>}
        </p>
      ) : null}
      {direction === "incoming" ? null : <Timeline message={message} />}
      {message.recipients === undefined ? null : <Recipients recipients={message.recipients} />}
      <dl class="facts">
        <dt>Instance</dt>
        <dd>
          <a href={linkTo(["overview"], { instances: instance })}>{instance}</a>
        </dd>
        <dt>{direction === "incoming" ? "Received" : "Message seen"}</dt>
        <dd>{observedAt === null ? <span class="quiet">only its statuses came</span> : <Time at={observedAt} />}</dd>
        {message.labels.length === 0 ? null : (
          <>
            <dt>Labels</dt>
            <dd class="chips">
              {message.labels.map((label) => (
                <a key={label} class="chip" href={linkTo(["messages"], { instance, label, direction: "outgoing" })}>
                  {label}
                </a>
              ))}
            </dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <Copied text={idMessage} what="id" />
        </dd>
      </dl>
    </>
  );
}

function originWords(origin: Message["origin"]): string {
  if (origin === "api") return ", sent by the API";
  return origin === "phone" ? ", sent on the phone" : "";
}

/** More than a user reads at once. */
const RECIPIENTS_SHOWN = 200;

function Recipients({ recipients }: { readonly recipients: NonNullable<Message["recipients"]> }) {
  return (
    <section>
      <h3>{recipients.length} recipients</h3>
      <ul class="recipients">
        {recipients.slice(0, RECIPIENTS_SHOWN).map(({ chatId, status, at }) => (
          <li key={chatId}>
            <ChatName chatId={chatId} />
            <Ticks status={status} />
            <Time at={at} />
          </li>
        ))}
      </ul>
      {recipients.length > RECIPIENTS_SHOWN ? <p class="quiet small">The first {RECIPIENTS_SHOWN} are shown.</p> : null}
    </section>
  );
}
