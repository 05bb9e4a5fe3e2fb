import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Kysely } from 'kysely';
import type { DemoTables } from '../src/index.ts';
import { alice, bob, operator } from './demo-app.ts';

/** What clients know of the writes that they sent. */
export interface Ledger {
  answers: number;
  /** Quantities sent, by user and sku. What was not acknowledged may have been added or not. */
  readonly adds: Map<string, { acknowledged: number; unknown: number }>;
  /** Each key that was sent, which is its gift's sku too, and the gift where it was acknowledged. */
  readonly gifts: Map<string, string | undefined>;
  /** Problems that say the server could not: 5xx. */
  readonly failures: string[];
  /** Answers that should never be. */
  readonly surprises: string[];
}

export const newLedger = (): Ledger => ({
  answers: 0,
  adds: new Map(),
  gifts: new Map(),
  failures: [],
  surprises: [],
});

const shoppers = [
  { id: 1, headers: alice },
  { id: 2, headers: bob },
];
const skus = ['ICE-VANILLA-500', 'ICE-CONE-12', 'SNACK-FUDGE-250', 'LAB-00000001', 'LAB-00000002'];
const SHARE_OF_GIFTS = 0.4;

interface Answer {
  readonly isAcknowledged: boolean;
  readonly body: string;
}

/** Fills carts and grants gifts, any number of writes at once, and notes what came of them. */
export const createWriter = (url: string, ledger: Ledger, random: () => number) => {
  const agent = new Agent({ keepAlive: true });

  const judge = (path: string, status: number, type: string, body: string): Answer => {
    ledger.answers += 1;
    const isFailure = status >= 500 && type.startsWith('application/problem+json');
    if (status !== 201) ledger[isFailure ? 'failures' : 'surprises'].push(`${path}: ${status} ${body}`);
    return { isAcknowledged: status === 201, body };
  };

  /** The answer, undefined where none came. */
  const post = (path: string, headers: object, json: object): Promise<Answer | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const nothing = () => resolve(undefined);
    const options = { method: 'POST', agent, headers: { 'Content-Type': 'application/json', ...headers } };
    const sent = request(`${url}${path}`, options, (response) => {
      const { statusCode: status = 0, headers: received } = response;
      const type = received['content-type'] ?? '';
      text(response).then((body) => resolve(judge(path, status, type, body)), nothing);
    });
    sent.on('error', nothing).end(JSON.stringify(json));
    return promise;
  };

  const choose = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  };

  const fillCart = async (): Promise<boolean> => {
    const { id, headers } = choose(shoppers);
    const sku = choose(skus);
    const line = ledger.adds.get(`${id} ${sku}`) ?? { acknowledged: 0, unknown: 0 };
    ledger.adds.set(`${id} ${sku}`, line);
    const answer = await post('/carts/me/items', headers, { sku, quantity: 1 });
    line[answer?.isAcknowledged ? 'acknowledged' : 'unknown'] += 1;
    return answer !== undefined;
  };

  const grantGift = async (key: string): Promise<boolean> => {
    const known = ledger.gifts.get(key);
    ledger.gifts.set(key, known);
    const answer = await post('/gift', { ...operator, 'Idempotency-Key': key }, { user_id: '1', sku: key });
    if (answer?.isAcknowledged) ledger.gifts.set(key, answer.body);
    if (known !== undefined && known !== answer?.body) ledger.surprises.push(`${key}: another answer`);
    return answer !== undefined;
  };

  return {
    /** One write of either kind; resolves with whether it was answered. */
    write: (): Promise<boolean> =>
      random() < SHARE_OF_GIFTS ? grantGift(`gift-${ledger.gifts.size}`) : fillCart(),

    /** Sends each key once more: to be acknowledged at last, or for the same bytes. */
    repeatGifts: async (): Promise<void> => {
      for (const key of [...ledger.gifts.keys()]) await grantGift(key);
    },
  };
};

/** Lines that lack what was acknowledged, or hold what nobody sent. `quantities` is by user and sku. */
export const wrongLines = ({ adds }: Ledger, quantities: ReadonlyMap<string, number>): string[] =>
  [...new Set([...adds.keys(), ...quantities.keys()])].flatMap((line) => {
    const { acknowledged, unknown } = adds.get(line) ?? { acknowledged: 0, unknown: 0 };
    const quantity = quantities.get(line) ?? 0;
    const isRight = quantity >= acknowledged && quantity <= acknowledged + unknown;
    return isRight ? [] : [`${line}: ${quantity}, of ${acknowledged} and perhaps ${unknown}`];
  });

/** What a database holds of all that, to be held against the ledger. */
export const readBack = async (db: Kysely<DemoTables>) => {
  const lines = await db.selectFrom('cart_items').select(['user_id', 'sku', 'quantity']).execute();
  const gifts = await db.selectFrom('gifts').select('sku').execute();
  const quantities = new Map(lines.map((line) => [`${line.user_id} ${line.sku}`, line.quantity]));
  return { quantities, gifts: gifts.map(({ sku }) => sku).toSorted() };
};
