/** `GET /health`, as far as the page shows it. */
export interface Health {
  readonly processes: readonly ProcessHealth[];
  readonly queue: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
    readonly oldestReceivedAt: string | null;
  };
  readonly quarantine: { readonly size: number; readonly bytes: number };
  readonly redis: readonly RedisHealth[];
}

export interface ProcessHealth {
  readonly app: string;
  readonly id: string;
  readonly pid: number;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
  readonly memoryBytes: number;
  readonly ratesPerSecond: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  readonly startedAt: string;
}

export interface RedisHealth {
  readonly node: string;
  readonly usedMemoryBytes: number;
  readonly maxMemoryBytes: number;
  readonly mayEvict: boolean;
  readonly isAofOk: boolean;
}
