/** What is stored of a message: its packed record, and what EXTRAS has of it. */
export interface Stored {
  /** Empty for none. */
  readonly value: Buffer;
  readonly extra: Buffer | undefined;
}

export const NOT_STORED: Stored = { value: Buffer.alloc(0), extra: undefined };
