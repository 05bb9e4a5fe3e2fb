// #region heart
/** Counts the requests of each caller and second. A new second starts at 0. */
export const createNaiveLimiter = (limit: number, now: () => number) => {
  const counts = new Map<string, number>();
  const take = (key: string): boolean => {
    const second = `${key} ${Math.floor(now() / 1000)}`;
    const count = (counts.get(second) ?? 0) + 1;
    counts.set(second, count);
    return count <= limit;
  };
  return { take, counts };
};
// #endregion
