import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const ATTEMPTS = 400;

export interface BuyerOptions {
  /** Where to send the next request: a server may be gone. */
  readonly url: () => string;
  readonly onSurprise: (surprise: string) => void;
}

export type Bought = { readonly orderId: string; readonly paymentId: string } | 'sold out';

const withId = z.looseObject({ id: z.string() });
const withCode = z.looseObject({ code: z.string() });
const withStatus = z.looseObject({ status: z.string() });

/** A shopper who never gives up: what got no answer, or a 5xx, is sent again with the same key. */
export const createBuyer = (userId: number, { url, onSurprise }: BuyerOptions) => {
  const send = async (method: string, path: string, json?: object, key?: string) => {
    const headers = {
      'X-User-Id': String(userId),
      'Content-Type': 'application/json',
      ...(key !== undefined && { 'Idempotency-Key': key }),
    };
    const init = { method, headers, signal: AbortSignal.timeout(15_000) };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        const response = await fetch(
          `${url()}${path}`,
          json ? { ...init, body: JSON.stringify(json) } : init,
        );
        const body: unknown = await response.json();
        const isInUse =
          response.status === 409 && withCode.safeParse(body).data?.code === 'idempotency_key_in_use';
        if (response.status < 500 && !isInUse) return { status: response.status, body };
      } catch {
        // No answer. What was done is unknown.
      }
      await wait(50 + Math.random() * 50);
    }
    throw new Error(`${method} ${path} got no answer in ${ATTEMPTS} attempts`);
  };

  const pay = async (orderId: string): Promise<string> => {
    const begun = await send('POST', '/payments', { order_id: orderId }, `pay-${orderId}`);
    if (begun.status !== 201) onSurprise(`payment: ${begun.status} ${JSON.stringify(begun.body)}`);
    const { id } = withId.parse(begun.body);
    const paid = await send(
      'POST',
      `/payments/${id}/confirm`,
      { payment_method: 'pm_card_visa' },
      `confirm-${id}`,
    );
    if (paid.status !== 200 && paid.status !== 202)
      onSurprise(`confirm: ${paid.status} ${JSON.stringify(paid.body)}`);
    let { status } = withStatus.parse(paid.body);
    for (let look = 0; look < ATTEMPTS && status === 'processing'; look += 1) {
      await wait(100);
      status = withStatus.parse((await send('GET', `/payments/${id}`)).body).status;
    }
    if (status !== 'succeeded') onSurprise(`payment ended as ${status}`);
    return id;
  };

  return {
    /** Checks out the cart, and pays the order if there is one. */
    buy: async (): Promise<Bought> => {
      const { status, body } = await send('POST', '/checkout', {}, 'the-only-checkout');
      if (status === 201) {
        const { id: orderId } = withId.parse(body);
        return { orderId, paymentId: await pay(orderId) };
      }
      const code = withCode.safeParse(body).data?.code;
      if (code !== 'insufficient_stock') onSurprise(`checkout: ${status} ${JSON.stringify(body)}`);
      return 'sold out';
    },
  };
};
