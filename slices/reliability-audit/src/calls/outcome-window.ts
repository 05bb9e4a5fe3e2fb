/** The last outcomes of a number of calls. Adding one costs the same however many they are. */
export const createOutcomeWindow = (size: number) => {
  const hasFailed = new Uint8Array(size);
  let next = 0;
  let count = 0;
  let failures = 0;

  return {
    add: (isFailure: boolean): void => {
      failures += Number(isFailure) - (hasFailed[next] ?? 0);
      hasFailed[next] = Number(isFailure);
      next = (next + 1) % size;
      count = Math.min(size, count + 1);
    },
    isFull: (): boolean => count === size,
    /** Percentage of the outcomes, 0 to 100. */
    failurePercent: (): number => (count === 0 ? 0 : (failures / count) * 100),
  };
};
