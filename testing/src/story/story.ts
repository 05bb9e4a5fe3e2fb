/** One concrete case that a reader can follow by hand. */
export interface Victim {
  readonly given: string;
  /** What the naive version returned or did. */
  readonly naive: string;
  readonly ours: string;
}

/** How often the naive version and the slice broke one guarantee. */
export interface Count {
  /** What is counted, and out of how many: `wrong totals, of 9,294 carts`. */
  readonly what: string;
  readonly naive: number;
  readonly ours: number;
  /** Highest count that is acceptable (default 0). More if the count is a cost, such as rows read for a page. */
  readonly atMost?: number;
}

/** The result of a slice's `lab/break.ts`: one victim, and a count for each guarantee of its README. */
export interface Story {
  readonly victim: Victim;
  readonly counts: readonly Count[];
}
