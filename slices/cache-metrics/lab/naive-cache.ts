// #region heart
/** Looks, loads, then stores. Whoever writes deletes the key. */
export const createNaiveCache = <Value>() => {
  const values = new Map<string, Value>();
  const get = async (key: string, load: () => Promise<Value>): Promise<Value> => {
    const cached = values.get(key);
    if (cached) return cached;
    const value = await load();
    values.set(key, value);
    return value;
  };
  return { values, get, invalidate: (key: string) => void values.delete(key) };
};
// #endregion
