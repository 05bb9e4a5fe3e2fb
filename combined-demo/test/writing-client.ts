import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Kysely } from 'kysely';
import type { DemoTables } from '../src/index.ts';
import { alice, bob, operator } from './demo-app.ts';

/** What the clients know about the writes that they sent. */
export interface Ledger {
  answers: number;
  /** Quantities sent, by user and sku. Unacknowledged ones may or may not have been added. */
  readonly adds: Map<string, { acknowledged: number; unknown: number }>;
  /** Each key sent, which is also the sku of its gift, with the gift if it was acknowledged. */
  readonly gifts: Map<string, string | undefined>;
  /** Problems with a 5xx status. */
  readonly failures: string[];
  /** Answers that should never occur. */
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

/** Adds to carts and grants gifts, with any number of concurrent writes, and records the results. */
export const createWriter = (url: string, ledger: Ledger, random: () => number) => {
  const agent = new Agent({ keepAlive: true });

  const judge = (path: string, status: number, type: string, body: string): Answer => {
    ledger.answers += 1;
    const isFailure = status >= 500 && type.startsWith('application/problem+json');
    if (status !== 201) ledger[isFailure ? 'failures' : 'surprises'].push(`${path}: ${status} ${body}`);
    return { isAcknowledged: status === 201, body };
  };

  /** Sends a request. Resolves with undefined if there is no answer. */
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
    if (item === undefined) throw new RangeError('cannot choose from an empty list');
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
    /** Sends one write of either kind. Resolves with whether it was answered. */
    write: (): Promise<boolean> =>
      random() < SHARE_OF_GIFTS ? grantGift(`gift-${ledger.gifts.size}`) : fillCart(),

    /** Sends each key once more, to get it acknowledged or to compare the repeated answer. */
    repeatGifts: async (): Promise<void> => {
      for (const key of [...ledger.gifts.keys()]) await grantGift(key);
    },
  };
};

/** Lines with less than was acknowledged or more than was sent. `quantities` is by user and sku. */
export const wrongLines = ({ adds }: Ledger, quantities: ReadonlyMap<string, number>): string[] =>
  [...new Set([...adds.keys(), ...quantities.keys()])].flatMap((line) => {
    const { acknowledged, unknown } = adds.get(line) ?? { acknowledged: 0, unknown: 0 };
    const quantity = quantities.get(line) ?? 0;
    const isRight = quantity >= acknowledged && quantity <= acknowledged + unknown;
    return isRight ? [] : [`${line}: ${quantity}, not ${acknowledged} to ${acknowledged + unknown}`];
  });

/** Reads what a database has, to compare it with the ledger. */
export const readBack = async (db: Kysely<DemoTables>) => {
  const lines = await db.selectFrom('cart_items').select(['user_id', 'sku', 'quantity']).execute();
  const gifts = await db.selectFrom('gifts').select('sku').execute();
  const quantities = new Map(lines.map((line) => [`${line.user_id} ${line.sku}`, line.quantity]));
  return { quantities, gifts: gifts.map(({ sku }) => sku).toSorted() };
};
