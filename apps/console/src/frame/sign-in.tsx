import { useState } from "preact/hooks";
import { RequestError } from "../rest/request.ts";
import { signIn } from "../state/session.ts";

/** Exchanges a token for a session. The token is in this field only until it is sent. */
export function SignIn() {
  const [token, setToken] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);

  const submit = (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    signIn(token.trim())
      .catch((error: unknown) => {
        const isUnknown = error instanceof RequestError && error.status === 401;
        setFault(isUnknown ? "No such token. Check that all of it was copied." : messageOf(error));
      })
      .finally(() => {
        setToken("");
        setBusy(false);
      });
  };

  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <img src="/favicon.svg" alt="" width="40" height="40" />
        <h1>Ticktally</h1>
        <p class="quiet">Are my messages arriving?</p>
        {/* Password managers keep a name with it. */}
        <input type="text" name="username" autocomplete="username" value="token" hidden readOnly />
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => {
              setToken(event.currentTarget.value);
            }}
            aria-describedby="sign-in-help sign-in-fault"
            autofocus
            required
          />
        </label>
        <p id="sign-in-fault" class="fault" role="alert">
          {fault}
        </p>
        <button class="button primary" disabled={isBusy || token.trim() === ""}>
          Sign in
        </button>
        <p id="sign-in-help" class="quiet small">
          The account’s token is printed by <code>npm start</code> (<code>TICKTALLY_ACCOUNT_TOKEN</code>). Read tokens
          and tokens of instances work too.
        </p>
      </form>
    </main>
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong. Try again.";
}
