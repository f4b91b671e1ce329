/** The stored form of a message: its packed record, and its value in EXTRAS. */
export interface Stored {
  /** Empty for none. */
  readonly value: Buffer;
  readonly extra: Buffer | undefined;
}

export const NOT_STORED: Stored = { value: Buffer.alloc(0), extra: undefined };
