/** How long a value may be used, in milliseconds. */
export interface Lifetime {
  /** Served without a second thought until then. */
  readonly freshMs: number;
  /** Served until then if need be, while a new value is loaded. At least `freshMs`. */
  readonly usableMs: number;
}

/** A value of the second tier. Its remaining times may be negative: it is stale then, or not to be used. */
export interface Found<Value> {
  /** Undefined: the origin has nothing under this key. */
  readonly value: Value | undefined;
  readonly ageMs: number;
  readonly remaining: Lifetime;
}

/** The right to store a value under a key, until the key is invalidated. */
export interface Lease {
  readonly version: string;
  /** The contact of the process with the tier when it got the lease. */
  readonly breaks: number;
}

/** What the second tier knows. With a lease, the caller may store what it loads from now on. */
export interface Look<Value> {
  readonly found?: Found<Value>;
  readonly lease?: Lease;
}

/** Called when a key, or without one all keys, were invalidated by another process. */
export type OnInvalidated = (key: string | undefined) => void;

/**
 * A cache behind the memory of the process, shared with other processes. None of its functions rejects: while it cannot
 * be reached, it finds nothing and stores nothing.
 */
export interface SecondTier<Value> {
  readonly look: (key: string) => Promise<Look<Value>>;
  /** `refused`: the key was invalidated after the lease was given, so the value may be older than that. */
  readonly store: (
    key: string,
    lease: Lease,
    value: Value | undefined,
    lifetime: Lifetime,
  ) => Promise<'stored' | 'refused' | 'unavailable'>;
  /** Removes the value, ends the leases on it and tells the other processes. It repeats this until it is done. */
  readonly invalidate: (key: string) => Promise<void>;
  /** The same for all keys. */
  readonly clear: () => Promise<void>;
  readonly listen: (onInvalidated: OnInvalidated) => void;
}
