const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

/** `[5m]`, `[1d:10m]`, `offset 1w`, and settings such as `for: 2m`. Names such as `increase5m` do not change. */
const DURATION =
  /(\[|(?<=\[\d+[smhdw]):|\boffset |^ *(?:- )?(?:for|keep_firing_for|interval|\w+_interval|group_wait): )(\d+)([smhdw])(?![a-z\d])/gm;

/**
 * The same rules or settings of Prometheus and Alertmanager with every duration divided, so that tests run faster. Nothing else changes. With
 * 30, an hour takes two minutes.
 */
export function scaledTime(yaml: string, divisor: number): string {
  return yaml.replace(DURATION, (_, before: string, amount: string, unit: keyof typeof SECONDS) => {
    return `${before}${Math.round((Number(amount) * SECONDS[unit] * 1_000) / divisor)}ms`;
  });
}
