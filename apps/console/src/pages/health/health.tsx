import { useRef } from "preact/hooks";
import { Answered, Card } from "../../parts/card.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Sparkline } from "../../parts/sparkline.tsx";
import { Time } from "../../parts/time.tsx";
import { bytes } from "../../format/bytes.ts";
import { useResource } from "../../rest/resource.ts";
import { linkTo } from "../../state/location.ts";
import type { Health as HealthAnswer, ProcessHealth } from "@ticktally/schemas";
import { Quarantine } from "./quarantine.tsx";
import { flowOf, forwarderStage, stagesOf, type Stage, type Tone } from "./stages.ts";

/** Their usual height, so nothing below moves when they arrive. */
const [PIPELINE_PX, PROCESSES_PX] = [308, 160];

/** The state of Ticktally itself. */
export function Health() {
  const found = useResource<{ health: HealthAnswer }>("/health", { isLive: true });
  const health = { ...found, answer: found.answer?.health };
  const stages = health.answer === undefined ? [] : stagesOf(health.answer, Date.now());
  const forwarder = health.answer === undefined ? undefined : forwarderStage(health.answer);
  const flow = useFlow(health.answer);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Health</h1>
          <p class="answer">
            {health.answer === undefined ? (
              <>&nbsp;</>
            ) : (
              sentenceOf(forwarder === undefined ? stages : [...stages, forwarder])
            )}
          </p>
        </div>
      </div>
      <div class="grid">
        <Card title="Pipeline" note="The way of a webhook from the gateway to the counts">
          <Answered of={health} height={PIPELINE_PX}>
            {() => (
              <ol class="pipeline">
                <li class="stage outside">
                  <h3>Gateway</h3>
                  <p class="quiet small">posts webhooks</p>
                </li>
                {stages.map((stage) => (
                  <StageBox key={stage.title} stage={stage} line={flow[stage.title]} />
                ))}
                {forwarder === undefined ? (
                  <li class="stage branch outside">
                    <h3>Forwarder</h3>
                    <p class="quiet small">not running: nothing is forwarded</p>
                  </li>
                ) : (
                  <StageBox stage={forwarder} isBranch />
                )}
                <li class="stage outside">
                  <h3>Targets</h3>
                  <p class="quiet small">get the webhooks too</p>
                  <a class="small" href={linkTo(["settings"])}>
                    In Settings
                  </a>
                </li>
              </ol>
            )}
          </Answered>
        </Card>
        <Card title="Processes">
          <div class="process-room">
            <Answered of={health} height={PROCESSES_PX}>
              {({ processes }) => <Processes processes={processes} />}
            </Answered>
          </div>
        </Card>
        <Quarantine size={health.answer?.quarantine.size} />
      </div>
    </>
  );
}

/** Rates are kept while the page is open, because a trend says more than a single number. */
const SAMPLES_MAX = 120;

function useFlow(health: HealthAnswer | undefined): Readonly<Record<string, readonly number[]>> {
  const samples = useRef<{ readonly ingest: number; readonly worker: number }[]>([]);
  const last = useRef<HealthAnswer | undefined>(undefined);
  if (health !== undefined && health !== last.current) {
    last.current = health;
    samples.current = [
      ...samples.current.slice(1 - SAMPLES_MAX),
      { ingest: flowOf(health, "ingest"), worker: flowOf(health, "worker") },
    ];
  }
  return {
    Ingest: samples.current.map(({ ingest }) => ingest),
    Worker: samples.current.map(({ worker }) => worker),
  };
}

const MARKS: Readonly<Record<Tone, string>> = {
  good: "M5 13l4 4L19 7",
  warn: "M12 7v7M12 17v.01",
  bad: "M7 7l10 10M17 7L7 17",
};

interface StageBoxProps {
  readonly stage: Stage;
  /** Its recent rate. */
  readonly line?: readonly number[] | undefined;
  /** It is not on a webhook's way to the counts. */
  readonly isBranch?: boolean;
}

function StageBox({ stage: { title, tone, word, reasons, facts }, line, isBranch = false }: StageBoxProps) {
  return (
    <li class={isBranch ? `stage branch ${tone}` : `stage ${tone}`}>
      <h3>
        <span class="stage-mark">
          <Icon path={MARKS[tone]} size={14} />
        </span>
        {title}
      </h3>
      <p class="stage-word">{word}</p>
      {reasons.map((reason) => (
        <p key={reason} class="small">
          {reason}
        </p>
      ))}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {line === undefined ? null : <Sparkline values={line} colour="--accent" />}
    </li>
  );
}

function Processes({ processes }: { readonly processes: readonly ProcessHealth[] }) {
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="State of each process">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Memory
            </th>
            <th scope="col">Since</th>
            <th scope="col" class="number">
              Pid
            </th>
          </tr>
        </thead>
        <tbody>
          {processes.map(({ app, id, pid, ready, reasons, memoryBytes, startedAt }) => (
            <tr key={id}>
              <th scope="row">{app}</th>
              <td class={ready ? "good" : "bad"}>{ready ? "ready" : `not ready: ${reasons.join(", ")}`}</td>
              <td class="number">{bytes(memoryBytes)}</td>
              <td>
                <Time at={startedAt} />
              </td>
              <td class="number">{pid}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sentenceOf(stages: readonly Stage[]) {
  const troubled = stages.filter(({ tone }) => tone !== "good");
  if (troubled.length === 0) return "All parts work.";
  return `${troubled.map(({ title, word }) => `${title}: ${word}`).join(". ")}.`;
}
