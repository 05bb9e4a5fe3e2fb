/** A shopper who repeats each request with its key until there is an answer, whatever becomes of the server. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const answerSchema = z.looseObject({
  id: z.string().optional(),
  status: z.unknown(),
  code: z.string().optional(),
  provider_ref: z.string().nullish(),
});

export interface ShopperDeps {
  /** The server's URL at the moment. */
  readonly url: () => string;
  readonly providerUrl: string;
  readonly random: () => number;
  /** How many of the payments are refunded, from 0 to 1. */
  readonly refundShare: number;
  /** Called with what no answer should be. */
  readonly onSurprise: (surprise: string) => void;
}

const PAUSE_MS = 20;

export const createShopper = ({ url, providerUrl, random, refundShare, onSurprise }: ShopperDeps) => {
  const once = async (method: string, path: string, headers: Record<string, string>, json?: unknown) => {
    const response = await fetch(`${url()}${path}`, {
      method,
      headers: { ...headers, 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    return { status: response.status, body: answerSchema.parse(await response.json()) };
  };

  /** Until there is an answer that another attempt would not change. */
  const until = async (method: string, path: string, headers: Record<string, string>, json?: unknown) => {
    for (;;) {
      const answer = await once(method, path, headers, json).catch(() => undefined);
      const isOpen =
        answer === undefined || answer.status >= 500 || answer.body.code === 'idempotency_key_in_use';
      if (!isOpen) return answer;
      await wait(PAUSE_MS);
    }
  };

  const shopper = (key: string) => ({ 'X-User-Id': '1', 'Idempotency-Key': key });
  const staff = (key: string) => ({ 'X-Admin-Token': 'dev-admin-token', 'Idempotency-Key': key });

  /** Waits for the outcome of a payment, and authenticates when asked to. */
  const outcomeOf = async (id: string): Promise<unknown> => {
    for (;;) {
      const { body } = await until('GET', `/payments/${id}`, { 'X-User-Id': '1' });
      if (body.status === 'requires_action')
        await fetch(`${providerUrl}/control/authenticate/${body.provider_ref}`, { method: 'POST' });
      else if (body.status !== 'processing') return body.status;
      await wait(PAUSE_MS);
    }
  };

  const refund = async (id: string, reference: string): Promise<void> => {
    const keys = [`${reference}-refund-1`, `${reference}-refund-2`];
    const json = { amount: { amount: '60.00', currency: 'USD' } };
    const answers = await Promise.all(
      keys.map((key) => until('POST', `/payments/${id}/refunds`, staff(key), json)),
    );
    const given = answers.filter(({ status }) => status === 201).length;
    const other = answers.filter(
      ({ status, body }) => status !== 201 && body.code !== 'refund_exceeds_captured',
    );
    if (given !== 1 || other.length > 0)
      onSurprise(`${reference}: ${given} refunds of 60, ${JSON.stringify(other)}`);
  };

  return {
    /** Pays 100.00, with cards that are declined and banks that ask back, until it is paid. Some of it is refunded twice. */
    buy: async (reference: string): Promise<void> => {
      const json = { reference, amount: { amount: '100.00', currency: 'USD' } };
      const made = await until('POST', '/payments', shopper(`${reference}-create`), json);
      const { id } = made.body;
      if (made.status !== 201 || id === undefined)
        return onSurprise(`${reference}: ${made.status} ${made.body.code}`);
      for (let attempt = 1; ; attempt += 1) {
        const draw = random();
        const method =
          draw < 0.7
            ? 'pm_card_visa'
            : draw < 0.85
              ? 'pm_card_visa_chargeDeclined'
              : 'pm_card_authenticationRequired';
        const headers = shopper(`${reference}-confirm-${attempt}`);
        const { status, body } = await until('POST', `/payments/${id}/confirm`, headers, {
          payment_method: method,
        });
        if (![200, 202, 402, 409].includes(status))
          onSurprise(`${reference}: confirm ${status} ${body.code}`);
        if ((await outcomeOf(id)) === 'succeeded') break;
      }
      if (random() < refundShare) await refund(id, reference);
    },
  };
};
