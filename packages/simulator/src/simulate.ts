// `npm run simulate`: sends the traffic of an invented gateway to a running Ticktally. See docs/testing/simulator.md.
import { OptionsError, readOptions } from "./options.ts";
import { Simulation } from "./simulation.ts";

const DIFFERENCES_SHOWN_MAX = 200;

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());

try {
  process.exitCode = await simulate();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof OptionsError ? 78 : 1;
}

async function simulate(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  const simulation = new Simulation(options, Date.now(), stopping.signal);
  try {
    await simulation.start();
    await simulation.send();
    const { accepted, refused } = simulation.feeds;
    say(`${count(accepted)} webhooks accepted${refused === 0 ? "" : `, ${count(refused)} refused first`}.`);
    if (!options.check || stopping.signal.aborted) return 0;
    if (options.faults.lost > 0) await simulation.reconcile();
    const { differences, messagesCompared } = await simulation.check();
    for (const line of differences.slice(0, DIFFERENCES_SHOWN_MAX)) say(line);
    if (differences.length > DIFFERENCES_SHOWN_MAX)
      say(`… and ${count(differences.length - DIFFERENCES_SHOWN_MAX)} more.`);
    const compared = `metrics, series, failures, latencies, states and ${count(messagesCompared)} messages`;
    say(
      differences.length === 0
        ? `All numbers are right: ${compared}.`
        : `${count(differences.length)} differences in ${compared}.`,
    );
    return differences.length === 0 ? 0 : 1;
  } finally {
    await simulation.stop();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
