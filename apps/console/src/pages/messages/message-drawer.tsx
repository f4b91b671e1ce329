import { isFailure } from "@ticktally/core";
import type { Message } from "@ticktally/schemas";
import { MESSAGE_WORDS, reasonWord } from "../../format/words.ts";
import { Drawer } from "../../parts/drawer.tsx";
import { Empty, Fault, Loading } from "../../parts/states.tsx";
import { Ticks } from "../../parts/ticks.tsx";
import { useResource } from "../../rest/resource.ts";
import { choice, go, linkTo } from "../../state/location.ts";
import { ChatName } from "./chat-name.tsx";
import { Timeline } from "./timeline.tsx";

interface DrawerProps {
  readonly instance: string;
  readonly idMessage: string;
  readonly chatId: string | undefined;
}

/** One message: where it stands and how it came there. */
export function MessageDrawer({ instance, idMessage, chatId }: DrawerProps) {
  const path = `/messages/${encodeURIComponent(instance)}/${encodeURIComponent(idMessage)}`;
  const { answer, error, reload } = useResource<{ message: Message }>(path, { query: { chatId }, everySeconds: 10 });
  const close = () => {
    go(
      linkTo(["messages"], {
        instance: choice("instance") ?? instance,
        status: choice("status"),
        direction: choice("direction"),
      }),
    );
  };
  return (
    <Drawer title="Message" onClose={close}>
      {answer !== undefined ? (
        <Content message={answer.message} instance={instance} />
      ) : error === undefined ? (
        <Loading lines={8} />
      ) : error.status === 404 ? (
        <Empty title={`${instance} has no message with the id ${idMessage}.`} />
      ) : (
        <Fault error={error} retry={reload} />
      )}
    </Drawer>
  );
}

function Content({ message, instance }: { readonly message: Message; readonly instance: string }) {
  const { status, direction, chatId, type, origin, reason, description, idMessage } = message;
  return (
    <>
      <p class="standing">{status === null ? "Received" : <Ticks status={status} />}</p>
      {status !== null && isFailure(status) && reason !== undefined ? (
        <p>
          {reasonWord(reason)}
          {description === undefined ? null : <span class="quiet"> · “{description}”</span>}
        </p>
      ) : null}
      <Timeline message={message} />
      {message.recipients === undefined ? null : <Recipients recipients={message.recipients} />}
      <dl class="facts">
        <dt>Instance</dt>
        <dd>
          <a href={linkTo(["overview"], { instances: instance })}>{instance}</a>
        </dd>
        <dt>Chat</dt>
        <dd>
          <ChatName chatId={chatId} />
        </dd>
        <dt>Type</dt>
        <dd>{MESSAGE_WORDS[type] ?? type}</dd>
        <dt>{direction === "incoming" ? "Direction" : "Sent by"}</dt>
        <dd>
          {direction === "incoming"
            ? "received"
            : origin === "api"
              ? "the API"
              : origin === "phone"
                ? "the phone"
                : "not told"}
        </dd>
        {message.labels.length === 0 ? null : (
          <>
            <dt>Labels</dt>
            <dd>{message.labels.join(", ")}</dd>
          </>
        )}
        <dt>Id</dt>
        <dd>
          <code class="id">{idMessage}</code>
        </dd>
      </dl>
    </>
  );
}

function Recipients({ recipients }: { readonly recipients: NonNullable<Message["recipients"]> }) {
  return (
    <section>
      <h3>{recipients.length} recipients</h3>
      <ul class="recipients">
        {recipients.map(({ chatId, status }) => (
          <li key={chatId}>
            <ChatName chatId={chatId} /> <Ticks status={status} />
          </li>
        ))}
      </ul>
    </section>
  );
}
