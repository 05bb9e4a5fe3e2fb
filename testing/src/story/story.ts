/** One named case that a reader can follow by hand. */
export interface Victim {
  readonly given: string;
  /** What the naive version answered or did. */
  readonly naive: string;
  readonly ours: string;
}

/** How often one guarantee was broken, by the naive version and by the slice. */
export interface Count {
  /** What is counted, and out of how many: `wrong totals, of 9,294 carts`. */
  readonly what: string;
  readonly naive: number;
  readonly ours: number;
  /** Most that is still fine: 0 by default. More than 0 where the count is a cost, such as rows read for a page. */
  readonly atMost?: number;
}

/** What `lab/break.ts` of a slice finds out: a victim, and a count for each guarantee of its README. */
export interface Story {
  readonly victim: Victim;
  readonly counts: readonly Count[];
}
