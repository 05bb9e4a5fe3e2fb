/**
 * A token bucket in exact fractions: it counts the tokens that time has brought and that requests have taken, without
 * units, windows or states. Slow and obvious, for comparison. A negative cost gives tokens back. Its clock must not step
 * back.
 */
export const createReferenceBucket = (capacity: number, refillPerSecond: number) => {
  const perMs = BigInt(Math.round(refillPerSecond * 1000));
  const UNIT = 1_000_000n;
  const full = BigInt(capacity) * UNIT;
  let level = full;
  let lastMs: number | undefined;
  return (nowMs: number, cost: number) => {
    level += BigInt(nowMs - (lastMs ?? nowMs)) * perMs;
    if (level > full) level = full;
    lastMs = nowMs;
    const wanted = BigInt(cost) * UNIT;
    const isTaken = level >= wanted;
    if (isTaken) level -= wanted;
    if (level > full) level = full;
    const missing = isTaken ? 0n : wanted - level;
    return {
      allowed: isTaken,
      remaining: Number(level / UNIT),
      retryAfterMs: Number((missing + perMs - 1n) / perMs),
      resetMs: Number((full - level + perMs - 1n) / perMs),
    };
  };
};
