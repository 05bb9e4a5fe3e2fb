import { z } from 'zod';

const answerSchema = z.object({ price: z.object({ amount: z.string() }) });

interface Write {
  readonly price: number;
  readonly answeredAtMs: number;
}

interface Read {
  readonly price: number;
  readonly askedAtMs: number;
}

/**
 * A price that only rises, written and read over HTTP. A read that begins after the answer to a write, and shows a lower
 * price, is stale by the time between the two.
 */
export const watchPrice = (path: string, operator: Readonly<Record<string, string>>) => {
  const writes: Write[] = [];
  const reads: Read[] = [];
  const failed: string[] = [];
  let price = 1;

  const note = async (what: string, answer: Promise<Response>): Promise<string | undefined> => {
    const text = await answer.then(
      async (response) => (response.ok ? await response.text() : `${response.status}`),
      (error: unknown) => `${error}`,
    );
    if (text.startsWith('{')) return text;
    failed.push(`${what}: ${text}`);
    return undefined;
  };
  const priceIn = (text: string) => Number(answerSchema.parse(JSON.parse(text)).price.amount);

  return {
    failed,
    reads,
    raise: async (server: string): Promise<void> => {
      price += 1;
      const [raised, body] = [price, JSON.stringify({ price: { amount: `${price}`, currency: 'USD' } })];
      const headers = { ...operator, 'Content-Type': 'application/json' };
      const text = await note('write', fetch(`${server}${path}`, { method: 'PUT', headers, body }));
      if (text) writes.push({ price: raised, answeredAtMs: performance.now() });
    },
    read: async (server: string): Promise<void> => {
      const askedAtMs = performance.now();
      const text = await note('read', fetch(`${server}${path}`));
      if (text) reads.push({ price: priceIn(text), askedAtMs });
    },
    /** The longest time after the answer to a write at which a read began that showed a lower price, in milliseconds. */
    longestStaleMs: (): number => {
      const staleMs = reads.flatMap((read) => {
        const missed = writes.find(
          (write) => write.price > read.price && write.answeredAtMs < read.askedAtMs,
        );
        return missed ? [read.askedAtMs - missed.answeredAtMs] : [];
      });
      return Math.max(0, ...staleMs);
    },
  };
};
