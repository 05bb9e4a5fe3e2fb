const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;

const timeMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
};

/** The p50 of each way in milliseconds. The ways take turns, so that noise on the machine affects all of them. */
export const p50InTurns = async (
  rounds: number,
  ways: readonly (() => Promise<unknown>)[],
): Promise<number[]> => {
  const measured = ways.map((way) => ({ way, times: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { way, times } of measured) times.push(await timeMs(way));
  }
  return measured.map(({ times }) => median(times));
};
