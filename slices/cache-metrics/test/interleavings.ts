/** All orders in which the steps of several parties can follow each other; each party keeps its own order. */
export const interleavings = (stepsOf: readonly number[]): readonly (readonly number[])[] => {
  if (stepsOf.every((steps) => steps === 0)) return [[]];
  return stepsOf.flatMap((steps, party) =>
    steps === 0 ? [] : interleavings(stepsOf.with(party, steps - 1)).map((rest) => [party, ...rest]),
  );
};

/** Runs a party up to its next gate, each time `next` is called. */
export interface Stepper {
  readonly gate: () => Promise<void>;
  readonly next: () => void;
}

export const createStepper = (): Stepper => {
  const gates: (() => void)[] = [];
  let credit = 0;
  return {
    gate: () => {
      if (credit > 0) {
        credit -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => gates.push(resolve));
    },
    next: () => {
      const open = gates.shift();
      if (open) open();
      else credit += 1;
    },
  };
};
