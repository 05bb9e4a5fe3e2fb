import { defineProblem } from '@lab/shared/http';
import { moneySchema } from '@lab/shared/money';
import { z } from 'zod';

export const paymentNotFound = defineProblem({
  code: 'payment_not_found',
  status: 404,
  title: 'No payment has this id',
  explanation: '`POST /payments` returns the id of the payment that it makes. Shoppers see their own only.',
});

export const paymentExists = defineProblem({
  code: 'payment_exists',
  status: 409,
  title: 'There is a payment for this already',
  explanation:
    'Only one payment can be under way or done for one order. Confirm that one, or cancel it first.',
});

export const paymentProcessing = defineProblem({
  code: 'payment_processing',
  status: 409,
  title: 'The outcome of an attempt is not known yet',
  explanation:
    'Wait until `GET /payments/{id}` shows another status. That takes seconds, or minutes at worst.',
});

export const paymentSucceeded = defineProblem({
  code: 'payment_succeeded',
  status: 409,
  title: 'The payment has succeeded',
  explanation: 'It cannot be paid again or canceled. Refund it instead.',
});

export const paymentCanceled = defineProblem({
  code: 'payment_canceled',
  status: 409,
  title: 'The payment is canceled',
  explanation: 'Nobody was charged. Make a new payment.',
});

export const paymentDeclined = defineProblem({
  code: 'payment_declined',
  status: 402,
  title: 'The payment was declined',
  explanation: 'Nobody was charged. Try another payment method, with a new idempotency key.',
  members: { decline_code: z.string().meta({ example: 'generic_decline' }) },
});

export const invalidAmount = defineProblem({
  code: 'invalid_amount',
  status: 422,
  title: 'The amount cannot be paid',
  explanation:
    'An amount must be more than zero, at most 99,999,999 of the smallest unit of its currency, and a whole number of that unit.',
});

export const currencyNotAccepted = defineProblem({
  code: 'currency_not_accepted',
  status: 422,
  title: 'The currency is not accepted',
  explanation: 'Payments are made in the currencies of the shop, and refunded in the currency that was paid.',
});

export const paymentNotCaptured = defineProblem({
  code: 'payment_not_captured',
  status: 409,
  title: 'Nothing has been paid',
  explanation: 'Only a payment that has succeeded can be refunded.',
});

export const refundExceedsCaptured = defineProblem({
  code: 'refund_exceeds_captured',
  status: 409,
  title: 'More than what is left to refund',
  explanation:
    'All refunds of a payment together are at most what was paid. `left` is what can still be refunded.',
  members: { left: moneySchema },
});

export const invalidSignature = defineProblem({
  code: 'invalid_signature',
  status: 400,
  title: 'The signature does not fit',
  explanation:
    'The body must be signed with a secret of this shop in `Stripe-Signature`, at most 300 seconds ago and at most 5 seconds ahead.',
});

export const invalidEvent = defineProblem({
  code: 'invalid_event',
  status: 400,
  title: 'The body is not an event',
  explanation: 'The signature is right, but the body is not a JSON object with `id`, `type` and `created`.',
});
