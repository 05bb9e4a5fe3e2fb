import type { Limit, Taken } from './token-bucket.ts';

/** One caller's bucket under one policy. */
export interface BucketOf {
  /** Name of the policy. */
  readonly policy: string;
  readonly limit: Limit;
  /** Whose bucket: at most a few hundred characters. */
  readonly key: string;
}

/**
 * Where buckets are kept. Requests for one bucket are decided one after another, whoever sends them. Rejects if the
 * store does not answer; then nothing is known about the bucket.
 */
export interface BucketStore {
  /** A negative cost gives tokens back (see `takeTokens`). */
  readonly take: (bucket: BucketOf, cost: number) => Taken | Promise<Taken>;
}
