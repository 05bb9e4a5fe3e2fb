import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { alice, bob, operator } from './demo-app.ts';

/** What clients know of the writes that they sent. */
export interface Ledger {
  answers: number;
  /** Quantities sent, by user and sku. One without an answer may have been added or not. */
  readonly adds: Map<string, { acknowledged: number; unanswered: number }>;
  /** Each key that was sent, which is its gift's sku too, and the answer to it where there was one. */
  readonly gifts: Map<string, string | undefined>;
  /** Answers that should never be. */
  readonly surprises: string[];
}

export const newLedger = (): Ledger => ({ answers: 0, adds: new Map(), gifts: new Map(), surprises: [] });

const shoppers = [
  { id: 1, headers: alice },
  { id: 2, headers: bob },
];
const skus = ['ICE-VANILLA-500', 'ICE-CONE-12', 'SNACK-FUDGE-250', 'LAB-00000001', 'LAB-00000002'];
const SHARE_OF_GIFTS = 0.4;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Someone who fills carts and grants gifts, one write at a time or several at once, and notes what came of it. */
export const createShopper = (url: string, ledger: Ledger, random: () => number) => {
  const agent = new Agent({ keepAlive: true });

  /** The answer, undefined where none came. */
  const post = async (path: string, headers: object, json: object): Promise<Answer | undefined> => {
    try {
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      const options = { method: 'POST', agent, headers: { 'Content-Type': 'application/json', ...headers } };
      request(`${url}${path}`, options, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
        .on('error', reject)
        .end(JSON.stringify(json));
      const answer = await promise;
      ledger.answers += 1;
      if (answer.status !== 201) ledger.surprises.push(`${path}: ${answer.status} ${answer.body}`);
      return answer;
    } catch {
      return undefined;
    }
  };

  const choose = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  };

  const fillCart = async (): Promise<boolean> => {
    const { id, headers } = choose(shoppers);
    const sku = choose(skus);
    const line = ledger.adds.get(`${id} ${sku}`) ?? { acknowledged: 0, unanswered: 0 };
    ledger.adds.set(`${id} ${sku}`, line);
    const answer = await post('/carts/me/items', headers, { sku, quantity: 1 });
    line[answer ? 'acknowledged' : 'unanswered'] += 1;
    return answer !== undefined;
  };

  const grantGift = async (key: string): Promise<boolean> => {
    const known = ledger.gifts.get(key);
    ledger.gifts.set(key, known);
    const answer = await post('/gift', { ...operator, 'Idempotency-Key': key }, { user_id: '1', sku: key });
    if (answer && known !== undefined && known !== answer.body)
      ledger.surprises.push(`${key}: ${answer.body}`);
    if (answer) ledger.gifts.set(key, answer.body);
    return answer !== undefined;
  };

  return {
    /** One write of either kind; resolves with whether it was answered. */
    write: (): Promise<boolean> =>
      random() < SHARE_OF_GIFTS ? grantGift(`gift-${ledger.gifts.size}`) : fillCart(),

    /** Sends each key once more: those without an answer for the first one, the others for the same bytes. */
    repeatGifts: async (): Promise<void> => {
      for (const key of [...ledger.gifts.keys()]) await grantGift(key);
    },
  };
};
