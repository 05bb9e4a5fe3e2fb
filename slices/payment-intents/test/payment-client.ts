import type { App } from '@lab/shared/http';
import { type SendRequest, startApp } from '@lab/testing';
import { z } from 'zod';

const payment = z.looseObject({ id: z.string(), status: z.string(), provider_ref: z.string().nullable() });

const ALICE = { 'X-User-Id': '1' };
const STAFF = { 'X-Admin-Token': 'dev-admin-token' };

let keys = 0;
export const newKey = (): string => {
  keys += 1;
  return `key-${keys}`;
};

/** A shopper and an operator over real HTTP. */
const paymentClientOf = (request: SendRequest) => {
  const keyed = (key: string, headers: Record<string, string>) => ({ ...headers, 'Idempotency-Key': key });
  const pay = (reference: string, amount = '100.00', currency = 'USD', key = newKey()) =>
    request('POST', '/payments', {
      headers: keyed(key, ALICE),
      json: { reference, amount: { amount, currency } },
    });
  const confirm = (id: string, method = 'pm_card_visa', key = newKey()) =>
    request('POST', `/payments/${id}/confirm`, {
      headers: keyed(key, ALICE),
      json: { payment_method: method },
    });
  return {
    request,
    pay,
    confirm,
    cancel: (id: string) => request('POST', `/payments/${id}/cancel`, { headers: ALICE }),
    read: async (id: string) =>
      payment.parse((await request('GET', `/payments/${id}`, { headers: ALICE })).body),
    refund: (id: string, amount?: string, key = newKey(), currency = 'USD') =>
      request('POST', `/payments/${id}/refunds`, {
        headers: keyed(key, STAFF),
        json: amount === undefined ? {} : { amount: { amount, currency } },
      }),
    /** A payment that has not been confirmed. */
    begin: async (reference: string, amount?: string) =>
      payment.parse((await pay(reference, amount)).body).id,
    /** A payment that has succeeded. */
    paid: async (reference: string, amount?: string) => {
      const { id } = payment.parse((await pay(reference, amount)).body);
      await confirm(id);
      return id;
    },
    verify: async () => (await request('GET', '/payments/ledger/verify', { headers: STAFF })).body,
  };
};

export const createPaymentClient = async (app: App) => paymentClientOf((await startApp(app)).request);

/** A client of a server in another process. */
export const clientOfUrl = (url: string) =>
  paymentClientOf(async (method, path, { headers, json } = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  });
