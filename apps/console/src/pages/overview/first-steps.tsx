import { Copied } from "../../parts/copied.tsx";
import { linkTo } from "../../state/location.ts";
import { instances } from "../../state/scope.ts";

/** What to do while nothing is counted yet, with the address to set at the gateway. */
export function FirstSteps() {
  const { protocol, hostname } = globalThis.location;
  const address = `${protocol}//${hostname}:8080/webhooks/green-api`;
  return (
    <section class="card first-steps" aria-label="Nothing was counted in this period">
      <h2>Nothing was counted in this period</h2>
      {instances.value === "all" ? (
        <>
          <p>
            Choose a longer period, or let your gateway post its webhooks here. An instance appears with its first
            webhook.
          </p>
          <p class="quiet small">
            Webhook URL (8080 is the default of INGEST_PORT), with the webhook token as authorization:
          </p>
          <Copied text={address} what="webhook URL" />
          <p class="quiet small">To see the console with simulated traffic:</p>
          <Copied text="npm start -- --demo" what="command" />
        </>
      ) : (
        <p>
          Choose a longer period, or <a href={linkTo(["overview"], { instances: undefined })}>look at all instances</a>.
        </p>
      )}
    </section>
  );
}
