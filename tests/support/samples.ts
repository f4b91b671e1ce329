type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The samples of one scrape in the Prometheus text format. */
export class Samples {
  readonly text: string;
  readonly #byName = new Map<string, Sample[]>();

  constructor(text: string) {
    this.text = text;
    for (const line of text.split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const sample = parse(line);
      this.#byName.set(sample.name, [...(this.#byName.get(sample.name) ?? []), sample]);
    }
  }

  /** The samples of this name with these labels; they may have more labels. */
  all(name: string, labels: Labels = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    return (this.#byName.get(name) ?? []).filter((sample) =>
      wanted.every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** @throws there is not exactly one such sample */
  value(name: string, labels: Labels = {}): number {
    const [only, ...others] = this.all(name, labels);
    if (only === undefined || others.length > 0) {
      throw new Error(`${others.length + (only ? 1 : 0)} samples of ${name} ${JSON.stringify(labels)}`);
    }
    return only.value;
  }

  sum(name: string, labels: Labels = {}): number {
    return this.all(name, labels).reduce((sum, { value }) => sum + value, 0);
  }
}

function parse(line: string): Sample {
  const [, name = "", labels = "", value = ""] = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
  if (name === "") throw new Error(`not a sample: ${line}`);
  const pairs = [...labels.matchAll(/\b(\w+)="((?:[^"\\]|\\.)*)",?/g)].map(([, key = "", text = ""]) => [
    key,
    unescape(text),
  ]);
  return { name, labels: Object.fromEntries(pairs) as Labels, value: Number(value.replace("Inf", "Infinity")) };
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
