import { Histogram, type Registry } from "prom-client";

export interface FastHistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending, without Infinity */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

/**
 * A histogram without labels, for things that happen thousands of times a second: an observation adds to an array (0.02 to 0.04 µs). The
 * one of prom-client checks and hashes labels each time (0.25 to 0.5 µs). The exported text is the same.
 */
export class FastHistogram {
  readonly #bounds: readonly number[];
  /** Counts per bucket, not cumulative; the last one is above all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor({ name, help, buckets, registry }: FastHistogramOptions) {
    this.#bounds = buckets;
    this.#counts = [...buckets, Infinity].map(() => 0);
    new ExportedHistogram({ name, help, registers: [registry] }, () => this.#samples(name));
  }

  observe(value: number): void {
    let bucket = 0;
    for (const bound of this.#bounds) {
      if (value <= bound) break;
      bucket += 1;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  #samples(name: string): readonly Sample[] {
    let count = 0;
    const buckets = this.#counts.map((own, i) => {
      count += own;
      return {
        metricName: `${name}_bucket`,
        labels: { le: this.#bounds[i] ?? "+Inf" },
        sharedLabels: {},
        value: count,
      };
    });
    const total = (suffix: string, value: number) => ({
      metricName: `${name}_${suffix}`,
      labels: {},
      sharedLabels: {},
      value,
    });
    return [...buckets, total("sum", this.#sum), total("count", count)];
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: object;
  readonly value: number;
}

/** A prom-client metric whose samples are read from elsewhere when it is scraped. */
class ExportedHistogram extends Histogram {
  readonly #about: { readonly name: string; readonly help: string };
  readonly #samples: () => readonly Sample[];

  constructor(about: { name: string; help: string; registers: Registry[] }, samples: () => readonly Sample[]) {
    super(about);
    this.#about = about;
    this.#samples = samples;
  }

  /** The shape that prom-client's registry and `get` expect of a histogram. It is not in its types, so a test compares the text. */
  async getForPromString() {
    const { name, help } = this.#about;
    return Promise.resolve({ name, help, type: "histogram", values: this.#samples(), aggregator: "sum" });
  }
}
