import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const ATTEMPTS = 400;
/** Two minutes: on a busy machine the provider has many late answers. */
const LOOKS = 1200;

export interface BuyerOptions {
  /** Where to send the next request: a server may be gone. */
  readonly url: () => string;
  readonly sku: string;
  readonly code: string;
  readonly onSurprise: (surprise: string) => void;
  /** Puts one of the product into the cart of the user, whose order came to nothing. */
  readonly refill: (userId: number) => Promise<unknown>;
}

/** `left`: has ordered, and did not pay. */
export type Bought = 'bought' | 'left' | 'sold out';

const withId = z.looseObject({ id: z.string() });
const withCode = z.looseObject({ code: z.string() });
const withStatus = z.looseObject({ status: z.string() });
const withStock = z.looseObject({ on_hand: z.int(), available: z.int() });

const codeOf = (body: unknown): string | undefined => withCode.safeParse(body).data?.code;

/** A client that never gives up: what got no answer, or a 5xx, is sent again with the same key. */
const createSender = (userId: number, url: () => string) => {
  const once = async (method: string, path: string, json?: object, key?: string) => {
    const response = await fetch(`${url()}${path}`, {
      method,
      headers: {
        'X-User-Id': String(userId),
        'Content-Type': 'application/json',
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      signal: AbortSignal.timeout(15_000),
      ...(json && { body: JSON.stringify(json) }),
    });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  return async (...request: Parameters<typeof once>) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // Without an answer, what was done is unknown.
      const answer = await once(...request).catch(() => undefined);
      if (answer && answer.status < 500 && codeOf(answer.body) !== 'idempotency_key_in_use') return answer;
      await wait(50 + Math.random() * 50);
    }
    throw new Error(`${request[0]} ${request[1]} got no answer in ${ATTEMPTS} attempts`);
  };
};

/** A shopper with one product in the cart, who wants it until the last one is paid by somebody. */
export const createBuyer = (userId: number, { url, sku, code, onSurprise, refill }: BuyerOptions) => {
  const send = createSender(userId, url);

  const statusOf = async (path: string, meanwhile: string): Promise<string> => {
    for (let look = 0; look < LOOKS; look += 1) {
      const { status } = withStatus.parse((await send('GET', path)).body);
      if (status !== meanwhile) return status;
      await wait(100);
    }
    return meanwhile;
  };

  /** Resolves with whether the order is paid. It may have expired meanwhile. */
  const pay = async (orderId: string): Promise<boolean> => {
    const begun = await send('POST', '/payments', { order_id: orderId }, `pay-${orderId}`);
    if (begun.status !== 201) {
      if (codeOf(begun.body) !== 'illegal_transition')
        onSurprise(`payment: ${begun.status} ${JSON.stringify(begun.body)}`);
    } else {
      const { id } = withId.parse(begun.body);
      const card = { payment_method: 'pm_card_visa' };
      const paid = await send('POST', `/payments/${id}/confirm`, card, `confirm-${id}`);
      if (paid.status !== 200 && paid.status !== 202)
        onSurprise(`confirm: ${paid.status} ${JSON.stringify(paid.body)}`);
      const ended = await statusOf(`/payments/${id}`, 'processing');
      if (ended !== 'succeeded') onSurprise(`payment ended as ${ended}`);
    }
    const status = await statusOf(`/orders/${orderId}`, 'pending');
    if (status !== 'payment_confirmed' && status !== 'expired') onSurprise(`order ended as ${status}`);
    return status === 'payment_confirmed';
  };

  const order = async (number: number): Promise<string | undefined> => {
    const { status, body } = await send('POST', '/checkout', { promo_code: code }, `checkout-${number}`);
    if (status === 201) return withId.parse(body).id;
    if (codeOf(body) !== 'insufficient_stock') onSurprise(`checkout: ${status} ${JSON.stringify(body)}`);
    return undefined;
  };

  /** Waits until some is there. Resolves with false when nothing is left, and nothing can come back. */
  const isThere = async (): Promise<boolean> => {
    for (let look = 0; look < LOOKS; look += 1) {
      const { on_hand, available } = withStock.parse((await send('GET', `/stock/${sku}`)).body);
      if (on_hand === 0 || available > 0) return on_hand > 0;
      await wait(300 + Math.random() * 400);
    }
    throw new Error(`what others hold of ${sku} was neither paid nor given back`);
  };

  return {
    /** Checks out the cart, and pays the order. Who finds nothing, or pays too late, comes back. */
    buy: async (pays: boolean): Promise<Bought> => {
      let number = 1;
      do {
        const orderId = await order(number);
        if (orderId !== undefined && !pays) return 'left';
        if (orderId !== undefined && (await pay(orderId))) return 'bought';
        if (orderId !== undefined) await refill(userId);
        number += 1;
      } while (await isThere());
      return 'sold out';
    },
  };
};
