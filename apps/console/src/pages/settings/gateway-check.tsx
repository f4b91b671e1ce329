import type { Finding, GatewaySettingChange } from "@ticktally/schemas";
import { useState } from "preact/hooks";
import { useChange } from "../../rest/change.ts";
import { request } from "../../rest/request.ts";

interface Repair {
  readonly message: string;
  readonly changes: readonly GatewaySettingChange[];
  readonly restarts: boolean;
}

const SEVERITIES: Readonly<Record<Finding["severity"], { readonly word: string; readonly tone: string }>> = {
  error: { word: "Not counted", tone: "bad" },
  warning: { word: "Could be better", tone: "warn" },
  info: { word: "For your information", tone: "" },
};

/** Whether the gateway is set up for counting everything, and what to change there. */
export function GatewayCheck({ path }: { readonly path: string }) {
  const { fault, isBusy, make } = useChange();
  const [findings, setFindings] = useState<readonly Finding[]>();
  const [repair, setRepair] = useState<Repair>();
  const [note, setNote] = useState("");
  const look = () => {
    setNote("");
    setRepair(undefined);
    void make(async () => request<{ check: { findings: readonly Finding[] } }>(`${path}/check`)).then((answer) => {
      setFindings(answer?.check.findings);
    });
  };
  const ask = (apply: boolean) => {
    void make(async () => request<Repair>(`${path}/check/repair`, { method: "POST", body: { apply } })).then(
      (answer) => {
        if (answer === undefined) return;
        setRepair(apply ? undefined : answer);
        setNote(apply || answer.changes.length === 0 ? answer.message : "");
      },
    );
  };
  return (
    <section class="form">
      <h3>Gateway check</h3>
      <p class="quiet small">
        Asks the gateway for its settings, state and backlog, and compares them with what is needed.
      </p>
      <p class="buttons">
        <button type="button" class="button" disabled={isBusy} onClick={look}>
          Check the gateway
        </button>
        {findings?.some((finding) => finding.repair !== undefined) === true ? (
          <button
            type="button"
            class="button"
            disabled={isBusy}
            onClick={() => {
              ask(false);
            }}
          >
            What would be changed?
          </button>
        ) : null}
      </p>
      {findings === undefined ? null : findings.length === 0 ? (
        <p class="good">Nothing to change.</p>
      ) : (
        <ul class="findings">
          {findings.map(({ code, severity, message }) => (
            <li key={`${code}${message}`}>
              <strong class={SEVERITIES[severity].tone}>{SEVERITIES[severity].word}.</strong> {message}
            </li>
          ))}
        </ul>
      )}
      {repair === undefined || repair.changes.length === 0 ? null : (
        <>
          <ul class="findings">
            {repair.changes.map(({ key, from, to }) => (
              <li key={key}>
                <code>{key}</code>: {from ?? "not set"} → {to}
              </li>
            ))}
          </ul>
          <button
            type="button"
            class="button primary"
            disabled={isBusy}
            onClick={() => {
              ask(true);
            }}
          >
            {repair.restarts ? "Change this at the gateway; the instance restarts" : "Change this at the gateway"}
          </button>
        </>
      )}
      <p class={fault === "" ? "note" : "fault"} role="status">
        {fault === "" ? note : fault}
      </p>
    </section>
  );
}
