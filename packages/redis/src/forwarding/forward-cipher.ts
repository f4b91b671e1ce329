import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = ID_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * What forwarding keeps in Redis is encrypted with AES-256-GCM, so neither a dump nor a backup of Redis contains message texts. The first
 * key encrypts, every key decrypts: to change the key, add a new one at the end, then put it in front, and remove the old one a day later.
 *
 * Layout: first 4 bytes of the key's SHA-256, nonce (12), tag (16), ciphertext.
 */
export class ForwardCipher {
  readonly #keys: readonly { readonly id: Buffer; readonly key: Buffer }[];

  /** @param keys of 32 bytes each, at least one */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys.map((key) => ({ id: hash("sha256", key, "buffer").subarray(0, ID_BYTES), key }));
  }

  /** @param context what it belongs to: decryption needs the same context */
  seal(plain: Buffer, context: string): Buffer {
    const [first] = this.#keys;
    if (first === undefined) throw new RangeError("there is no key to encrypt with");
    // Random nonces are safe for 2^32 messages of one key (NIST SP 800-38D, 8.3): 50 a second for two years.
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", first.key, nonce).setAAD(Buffer.from(context));
    const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([first.id, nonce, cipher.getAuthTag(), ciphertext]);
  }

  /** Whether it was encrypted with the key that encrypts now. */
  isCurrent(sealed: Buffer): boolean {
    return this.#keys[0]?.id.equals(sealed.subarray(0, ID_BYTES)) === true;
  }

  /** @returns `undefined` if none of our keys decrypts it */
  open(sealed: Buffer, context: string): Buffer | undefined {
    if (sealed.length < OVERHEAD_BYTES) return undefined;
    const nonce = sealed.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
    const tag = sealed.subarray(ID_BYTES + NONCE_BYTES, OVERHEAD_BYTES);
    for (const { id, key } of this.#keys) {
      if (!id.equals(sealed.subarray(0, ID_BYTES))) continue;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context)).setAuthTag(tag);
        return Buffer.concat([decipher.update(sealed.subarray(OVERHEAD_BYTES)), decipher.final()]);
      } catch {
        // Another key with the same beginning of its hash, or changed bytes.
      }
    }
    return undefined;
  }
}
