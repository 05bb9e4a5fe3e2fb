/**
 * Problem: passwords must be slow to guess from a stolen table, and hashing them must not stop the server.
 * Guarantees: Argon2id with a salt for each password, off the main thread, few at once with a bounded queue; the same
 * one computation for a known and for an unknown address; a hash of other parameters is replaced at the next login.
 * Does NOT guarantee: equal times for hashes of other parameters, until they are replaced.
 */
import { randomBytes as cryptoRandomBytes, timingSafeEqual } from 'node:crypto';
import { computeTag, formatHash, type HashCost, parseHash, requireArgon2 } from './argon2.ts';
import { createHashQueue, type HashQueueOptions } from './hash-queue.ts';

export interface HasherOptions extends HashQueueOptions {
  readonly cost: HashCost;
}

export interface HasherDeps {
  readonly randomBytes?: (size: number) => Buffer;
  /** Called after each computation, with its time in seconds. */
  readonly onHash?: (seconds: number) => void;
}

const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** `outdated`: the password is right, but the hash has other parameters than those in force. */
export type Verdict = 'wrong' | 'right' | 'outdated';

const isSameCost = (one: HashCost, other: HashCost): boolean =>
  one.memory === other.memory && one.passes === other.passes && one.lanes === other.lanes;

/** Hashes and verifies passwords, which are to be in NFC. Rejects with a QueueFullError while too many wait. */
export const createPasswordHasher = (
  { randomBytes = cryptoRandomBytes, onHash }: HasherDeps,
  { cost, ...queueOptions }: HasherOptions,
) => {
  requireArgon2();
  const queue = createHashQueue(queueOptions);
  // What unknown addresses are compared with: a hash as valid and as costly as any, of no password.
  const dummy = formatHash({ cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) });

  const compute = (password: string, salt: Buffer, at: HashCost, signal: AbortSignal | undefined) =>
    queue.run(async () => {
      const startedAtMs = performance.now();
      const tag = await computeTag(password, salt, at);
      onHash?.((performance.now() - startedAtMs) / 1000);
      return tag;
    }, signal);

  return {
    /** Throws a QueueFullError while too many wait. For before the work that a hash is needed for. */
    requireRoom: queue.requireRoom,

    hash: async (password: string, signal?: AbortSignal): Promise<string> => {
      const salt = randomBytes(SALT_BYTES);
      return formatHash({ cost, salt, tag: await compute(password, salt, cost, signal) });
    },

    /** Compares a password with a stored hash, or with none at the same cost. */
    verify: async (password: string, stored: string | undefined, signal?: AbortSignal): Promise<Verdict> => {
      const { salt, tag, cost: itsCost } = parseHash(stored ?? dummy);
      const isRight = timingSafeEqual(await compute(password, salt, itsCost, signal), tag);
      if (!isRight || stored === undefined) return 'wrong';
      return isSameCost(itsCost, cost) ? 'right' : 'outdated';
    },
  };
};

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;
