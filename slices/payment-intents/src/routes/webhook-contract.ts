import { defineRoute, invalidRequest, rawBody, serviceUnavailable } from '@lab/shared/http';
import { z } from 'zod';
import { tag } from './payment-contracts.ts';
import * as problems from './payment-problems.ts';

export const receiveEvent = defineRoute({
  method: 'POST',
  path: '/webhooks/payments',
  name: 'receivePaymentEvent',
  summary: 'Take an event of the provider, once',
  description: 'Anything but 200 makes the provider send the event again.',
  tag,
  headers: z.object({
    'stripe-signature': z
      .string()
      .optional()
      .meta({ description: '`t=<seconds>,v1=<hex>`, over the time, a dot and the body' }),
  }),
  body: rawBody({ mediaTypes: ['application/json'], limitBytes: 262_144 }),
  responses: {
    200: {
      description: 'Taken',
      body: z.strictObject({
        outcome: z.enum(['applied', 'repeat', 'stale', 'ignored']).meta({ example: 'applied' }),
      }),
    },
  },
  problems: [
    problems.invalidSignature,
    problems.invalidEvent,
    problems.paymentNotFound,
    invalidRequest,
    serviceUnavailable,
  ],
});
