import { Popover } from "../parts/popover.tsx";
import { connection, isPaused, type Connection } from "../state/live.ts";
import { session, signOut, type Session } from "../state/session.ts";

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  live: "Live",
  reconnecting: "Reconnecting",
  paused: "Paused",
};

/** What a token may do, as a label and as a sentence. */
const SCOPES: Readonly<Record<Session["kind"], { readonly word: string | undefined; readonly may: string }>> = {
  account: { word: undefined, may: "The account’s token: it sees and changes everything." },
  read: { word: "read only", may: "A read token: it sees everything and changes nothing." },
  instance: { word: "one instance", may: "An instance’s token: it sees its own instance." },
};

/** The live switch, and who is signed in. */
export function Who() {
  const who = session.value;
  const state = connection();
  if (who === null || who === undefined) return null;
  const { word, may } = SCOPES[who.kind];
  return (
    <div class="who">
      <button
        type="button"
        class={`connection ${state}`}
        aria-pressed={isPaused.value}
        title={isPaused.value ? "Resume updates" : "Pause updates"}
        onClick={() => {
          isPaused.value = !isPaused.value;
        }}
      >
        <span class="dot" aria-hidden="true" />
        {CONNECTIONS[state]}
      </button>
      <Popover
        title="Who is signed in"
        className="who-name to-the-left"
        label={
          <>
            {who.name}
            {word === undefined ? null : <span class="quiet"> · {word}</span>}
          </>
        }
      >
        {() => (
          <>
            <p class="quiet small">{may}</p>
            <button type="button" class="button" onClick={() => void signOut()}>
              Sign out
            </button>
          </>
        )}
      </Popover>
    </div>
  );
}
