import { idempotent } from '@lab/gift-grant';
import { defineRoute, type ProblemType, serviceUnavailable, storableText, type Tag } from '@lab/shared/http';
import { moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { PAYMENT_STATUSES } from '../payments/payment-states.ts';
import * as problems from './payment-problems.ts';

export const tag: Tag = {
  name: 'payment-intents',
  description:
    'Charges an order exactly once over a provider that answers late, twice or never. What is unknown is settled by webhooks, or by asking the provider.',
};

const amount = z.string().meta({ example: '19.99' });

const paymentSchema = z
  .strictObject({
    id: z.uuid(),
    order_id: z.string().meta({ description: 'The order, or the reference that the caller gave' }),
    status: z.enum(PAYMENT_STATUSES),
    amount,
    captured: amount.meta({ description: 'What was charged', example: '0.00' }),
    refunded: amount.meta({ description: 'What has gone back, or is about to', example: '0.00' }),
    currency: z.string().meta({ example: 'USD' }),
    provider_ref: z.string().nullable().meta({
      description: 'Id at the provider; null before the first attempt, and if there was nothing to charge',
    }),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({
    id: 'payment-intents.Payment',
    example: {
      id: '019a0000-0000-7000-8000-00000000b001',
      order_id: '019a0000-0000-7000-8000-000000000700',
      status: 'succeeded',
      amount: '19.99',
      captured: '19.99',
      refunded: '0.00',
      currency: 'USD',
      provider_ref: 'pi_1',
      created_at: '2026-11-28T12:00:00.000Z',
    },
  });

const refundSchema = z
  .strictObject({ id: z.uuid(), amount: moneySchema, status: z.enum(['pending', 'succeeded', 'failed']) })
  .meta({
    id: 'payment-intents.Refund',
    example: {
      id: '019a0000-0000-7000-8000-00000000b101',
      amount: { amount: '5.00', currency: 'USD' },
      status: 'succeeded',
    },
  });

const params = z.strictObject({
  id: storableText(1, 64).meta({ example: '019a0000-0000-7000-8000-00000000b001' }),
});

const created = {
  201: {
    description: 'The payment that this request or an earlier attempt made',
    body: paymentSchema,
    headers: { Location: 'Path of the payment' },
  },
};

const createCommon = {
  method: 'POST',
  path: '/payments',
  name: 'createPayment',
  tag,
  caller: 'shopper',
  responses: created,
} as const;

/** Pays an order: the amount is the order's, never the client's. */
export const payOrder = (ofOrders: readonly ProblemType[]) =>
  idempotent(
    defineRoute({
      ...createCommon,
      summary: 'Begin to pay an order',
      description:
        'The payment of an order that costs nothing has succeeded at once: there is nothing to confirm.',
      body: z.strictObject({ order_id: storableText(1, 64) }).meta({
        id: 'payment-intents.OrderPayment',
        example: { order_id: '019a0000-0000-7000-8000-000000000700' },
      }),
      problems: [problems.paymentExists, serviceUnavailable, ...ofOrders],
    }),
    { keysPerRoute: true },
  );

/** Without orders: pays what the caller names. */
export const payReference = idempotent(
  defineRoute({
    ...createCommon,
    summary: 'Begin a payment',
    body: z
      .strictObject({ reference: storableText(1, 64).meta({ example: 'cart-8' }), amount: moneySchema })
      .meta({
        id: 'payment-intents.PaymentRequest',
        example: { reference: 'cart-8', amount: { amount: '19.99', currency: 'USD' } },
      }),
    problems: [
      problems.paymentExists,
      problems.invalidAmount,
      problems.currencyNotAccepted,
      serviceUnavailable,
    ],
  }),
  { keysPerRoute: true },
);

export const readPayment = defineRoute({
  method: 'GET',
  path: '/payments/:id',
  name: 'readPayment',
  summary: 'Read a payment',
  tag,
  caller: 'either',
  params,
  responses: { 200: { description: 'The payment', body: paymentSchema } },
  problems: [problems.paymentNotFound, serviceUnavailable],
});

const ended = [
  problems.paymentNotFound,
  problems.paymentProcessing,
  problems.paymentSucceeded,
  problems.paymentCanceled,
  serviceUnavailable,
];
const attemptHeader = { 'Payment-Attempt': 'Number of the attempt that this is about' };
const unknownOutcome = {
  description: 'The provider has not told the outcome yet; `GET /payments/{id}` will show it',
  body: paymentSchema,
  headers: attemptHeader,
};

export const confirmPayment = idempotent(
  defineRoute({
    method: 'POST',
    path: '/payments/:id/confirm',
    name: 'confirmPayment',
    summary: 'Charge a payment method',
    description:
      'Repeats with the same key are answered with what is known about that attempt by then, and never charge again. Test methods: `pm_card_visa`, `pm_card_visa_chargeDeclined`, `pm_card_authenticationRequired`.',
    tag,
    caller: 'shopper',
    params,
    body: z
      .strictObject({
        payment_method: z
          .string()
          .regex(/^pm_[A-Za-z0-9_]{1,60}$/, 'must be an id such as pm_card_visa')
          .meta({ example: 'pm_card_visa' }),
      })
      .meta({ id: 'payment-intents.Confirmation', example: { payment_method: 'pm_card_visa' } }),
    responses: {
      200: {
        description: 'The payment: succeeded or requires_action',
        body: paymentSchema,
        headers: attemptHeader,
      },
      202: unknownOutcome,
    },
    problems: [problems.paymentDeclined, ...ended],
  }),
  { keysPerRoute: true },
);

export const cancelPayment = defineRoute({
  method: 'POST',
  path: '/payments/:id/cancel',
  name: 'cancelPayment',
  summary: 'Cancel a payment that has not succeeded; may be repeated',
  tag,
  caller: 'either',
  params,
  responses: { 200: { description: 'The payment', body: paymentSchema }, 202: unknownOutcome },
  problems: ended,
});

export const refundPayment = idempotent(
  defineRoute({
    method: 'POST',
    path: '/payments/:id/refunds',
    name: 'refundPayment',
    summary: 'Give back a part of a payment, or what is left of it',
    tag,
    caller: 'operator',
    permission: 'payments:refund',
    params,
    body: z.strictObject({ amount: moneySchema.optional() }).meta({
      id: 'payment-intents.RefundRequest',
      example: { amount: { amount: '5.00', currency: 'USD' } },
    }),
    responses: {
      201: {
        description: 'The refund. `pending` until the provider has told what became of it',
        body: refundSchema,
      },
    },
    problems: [
      problems.paymentNotFound,
      problems.paymentNotCaptured,
      problems.refundExceedsCaptured,
      problems.invalidAmount,
      problems.currencyNotAccepted,
      serviceUnavailable,
    ],
  }),
  { keysPerRoute: true },
);

export const verifyLedger = defineRoute({
  method: 'GET',
  path: '/payments/ledger/verify',
  name: 'verifyPaymentLedger',
  summary: 'Add the ledger up again',
  description:
    'Compares the ledger with the payments and refunds. Lists refunds that have failed with no other one since, and what the reconciler last found to be different at the provider.',
  tag,
  caller: 'operator',
  permission: 'payments:refund',
  responses: {
    200: {
      description: 'The result. `unmatched` lists at most 100',
      body: z.strictObject({
        ok: z.boolean().meta({ example: true }),
        entries: z.int().meta({ example: 4 }),
        sum: z.record(z.string(), z.string()).meta({ example: { USD: '0.00' } }),
        unmatched: z.array(z.strictObject({ id: z.string(), what: z.string() })).meta({ example: [] }),
      }),
    },
  },
  problems: [serviceUnavailable],
});
