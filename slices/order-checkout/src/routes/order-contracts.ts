import { idempotent } from '@lab/gift-grant';
import {
  defineRoute,
  forbidden,
  type ProblemType,
  serviceUnavailable,
  storableText,
  type Tag,
  versionConflict,
} from '@lab/shared/http';
import { listProblems, listQuery, pageResponse } from '@lab/shared/pagination';
import { z } from 'zod';
import { ORDER_STATES } from '../order-states.ts';
import { illegalTransition, orderNotFound } from './checkout-problems.ts';
import { checkoutProblems, checkoutRequest } from './checkout-request.ts';
import { exampleOrderId, orderSchema } from './order-json.ts';

export const tag: Tag = {
  name: 'order-checkout',
  description:
    'Turns a cart into an order: prices, discount, stock, gift and order commit together or not at all. What may happen to an order afterwards is one table of states.',
};

const state = z.enum(ORDER_STATES);
const reason = storableText(1, 200).optional();

/** `codeProblems`: what a promo code can be refused with. */
export const checkOutWith = (codeProblems: readonly ProblemType[]) =>
  idempotent(
    defineRoute({
      method: 'POST',
      path: '/checkout',
      name: 'checkOut',
      summary: 'Order what is in the cart',
      description:
        'All of it or nothing. The same request with the same key gets the same order, however often it is sent.',
      tag,
      caller: 'shopper',
      body: checkoutRequest,
      responses: {
        201: {
          description: 'The order that this request or an earlier attempt made',
          body: orderSchema,
          headers: { Location: 'Path of the order' },
        },
      },
      problems: [...checkoutProblems, ...codeProblems, serviceUnavailable],
    }),
    { keysPerRoute: true },
  );

export const listOrders = defineRoute({
  method: 'GET',
  path: '/orders',
  name: 'listOrders',
  summary: 'List orders, newest first',
  description: 'Shoppers see their own orders. Operators see all, or with `user_id` those of one shopper.',
  tag,
  caller: 'either',
  query: z.strictObject({
    ...listQuery,
    status: state.optional(),
    user_id: z
      .string()
      .regex(/^[1-9]\d{0,14}$/, 'must be a positive integer')
      .transform(Number)
      .optional()
      .meta({ description: 'Orders of this shopper', examples: ['1'] }),
  }),
  responses: { 200: pageResponse(orderSchema, 'A page of orders') },
  problems: [forbidden, ...listProblems, serviceUnavailable],
});

const params = z.strictObject({ id: storableText(1, 64).meta({ example: exampleOrderId }) });
const responses = { 200: { description: 'The order', body: orderSchema } };

export const readOrder = defineRoute({
  method: 'GET',
  path: '/orders/:id',
  name: 'readOrder',
  summary: 'Read an order',
  description: 'Use an id of `POST /checkout`.',
  tag,
  caller: 'either',
  params,
  responses,
  problems: [orderNotFound, serviceUnavailable],
});

const eventSchema = z
  .strictObject({
    from: state.nullable(),
    to: state,
    version: z.int(),
    actor: z.string().meta({ description: '`shopper:1`, `operator`, `payment` or `system`' }),
    reason: z.string().nullable(),
    at: z.iso.datetime({ precision: 3 }),
  })
  .meta({
    id: 'order-checkout.OrderEvent',
    example: {
      from: null,
      to: 'pending',
      version: 1,
      actor: 'shopper:1',
      reason: null,
      at: '2026-11-20T12:00:00.000Z',
    },
  });

export const readEvents = defineRoute({
  method: 'GET',
  path: '/orders/:id/events',
  name: 'readOrderEvents',
  summary: 'List what has happened to an order, oldest first',
  tag,
  caller: 'either',
  params,
  responses: {
    200: { description: 'All transitions', body: z.strictObject({ items: z.array(eventSchema) }) },
  },
  problems: [orderNotFound, serviceUnavailable],
});

export const cancelOrder = defineRoute({
  method: 'POST',
  path: '/orders/:id/cancel',
  name: 'cancelOrder',
  summary: 'Cancel your order, if it has not been shipped',
  tag,
  caller: 'shopper',
  params,
  body: z.strictObject({ reason }).meta({
    id: 'order-checkout.Cancellation',
    example: { reason: 'ordered twice' },
  }),
  responses,
  problems: [orderNotFound, illegalTransition, serviceUnavailable],
});

export const moveOrder = defineRoute({
  method: 'POST',
  path: '/orders/:id/transitions',
  name: 'moveOrder',
  summary: 'Move an order to another state',
  tag,
  caller: 'operator',
  permission: 'orders:manage',
  params,
  body: z.strictObject({ to: state, reason, expected_version: z.int().min(1).optional() }).meta({
    id: 'order-checkout.Transition',
    example: { to: 'payment_confirmed', reason: 'bank transfer' },
  }),
  responses,
  problems: [orderNotFound, illegalTransition, versionConflict, serviceUnavailable],
});
