import { Card } from "../../parts/card.tsx";
import { mayChange, session } from "../../state/session.ts";
import { theme, THEMES, type Theme } from "../../state/theme.ts";
import { InstanceSettings } from "./instance-settings.tsx";
import { ReadTokens } from "./read-tokens.tsx";
import { Targets } from "./targets.tsx";

/** Settings. With a token that can only read, just the page's appearance. */
export function Settings() {
  return (
    <>
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      <div class="grid">
        {mayChange() ? (
          <>
            <InstanceSettings />
            <ReadTokens />
            <Targets />
          </>
        ) : (
          <Card title="Read only">
            <p>
              You are signed in as <strong>{session.value?.name}</strong>, whose token reads
              {session.value?.kind === "instance" ? " this instance" : ""} and changes nothing. To change instances and
              tokens, sign in with the account’s token.
            </p>
          </Card>
        )}
        <Appearance />
        <Card title="Keys" span={6}>
          <dl class="facts keys">
            <dt>
              <kbd>/</kbd>
            </dt>
            <dd>searches</dd>
            <dt>
              <kbd>g</kbd> <kbd>o</kbd>
            </dt>
            <dd>opens Overview; i, m, f, l, h and s after g open the other pages</dd>
            <dt>
              <kbd>↑</kbd> <kbd>↓</kbd>
            </dt>
            <dd>move through a table; Enter opens the row</dd>
            <dt>
              <kbd>Esc</kbd>
            </dt>
            <dd>closes</dd>
          </dl>
        </Card>
      </div>
    </>
  );
}

function Appearance() {
  return (
    <Card title="Appearance" span={6} note="Stored in this browser">
      <fieldset class="segments">
        <legend class="visually-hidden">Theme</legend>
        {(Object.keys(THEMES) as Theme[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={theme.value === name}
            onClick={() => {
              theme.value = name;
            }}
          >
            {THEMES[name]}
          </button>
        ))}
      </fieldset>
    </Card>
  );
}
