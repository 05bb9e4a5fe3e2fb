type Wait = (ms: number) => Promise<unknown>;

// #region heart
/** Calls up to three times, with a pause that is always the same. */
export const retryNaively = async <Value>(call: () => Promise<Value>, wait: Wait): Promise<Value> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt === 3) throw error;
      await wait(100);
    }
  }
};
// #endregion
