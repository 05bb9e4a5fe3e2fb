/**
 * Problem: a burst of requests on many connections is read in one turn of the event loop, and Node starts all of it.
 * Timers, and the answers of others, wait until the last one has run up to its first wait.
 * Guarantees: at most `perTurn` requests start in one turn. The others start in the next turns, in the order in which
 * they came.
 * Does NOT guarantee: less work. Whoever comes behind a burst waits for it, but the loop goes round meanwhile.
 */
export const createTurns = (perTurn: number) => {
  let waiting: (() => void)[] = [];
  let started = 0;

  const startSome = (): void => {
    started = 0;
    const ready = waiting.slice(0, perTurn);
    waiting = waiting.slice(perTurn);
    for (const start of ready) run(start);
  };

  const run = (start: () => void): void => {
    if (started === 0) setImmediate(startSome);
    started += 1;
    start();
  };

  /** Runs `start` now, or in a later turn if enough has started in this one. It must not throw. */
  return (start: () => void): void => {
    if (waiting.length === 0 && started < perTurn) run(start);
    else waiting.push(start);
  };
};
