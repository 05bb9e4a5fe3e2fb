import { formatMinorUnits, moneySchema } from '@lab/shared/money';
import { z } from 'zod';
import { ORDER_STATES } from '../order-states.ts';
import type { Order, OrderEvent } from '../orders/order-store.ts';
import { addressSchema } from './checkout-request.ts';

export const exampleOrderId = '019a0000-0000-7000-8000-00000000c001';

const time = z.iso.datetime({ precision: 3 });
const giftSchema = z.strictObject({ id: z.string(), sku: z.string() });

const lineSchema = z
  .strictObject({
    sku: z.string(),
    name: z.string(),
    quantity: z.int(),
    unit_price: moneySchema,
    line_total: moneySchema,
    discount: moneySchema,
    tax: moneySchema,
  })
  .meta({ id: 'order-checkout.OrderLine' });

const usd = (amount: string) => ({ amount, currency: 'USD' });

const example = {
  id: exampleOrderId,
  number: 'O-000042',
  user_id: 1,
  status: 'pending',
  version: 1,
  lines: [
    {
      sku: 'ICE-VANILLA-500',
      name: 'Vanilla bean ice cream, 500 ml',
      quantity: 2,
      unit_price: usd('6.99'),
      line_total: usd('13.98'),
      discount: usd('0.00'),
      tax: usd('1.15'),
    },
  ],
  subtotal: usd('13.98'),
  discount: usd('0.00'),
  tax: usd('1.15'),
  total: usd('15.13'),
  reservation_id: '019a0000-0000-7000-8000-00000000a001',
  expires_at: '2026-11-20T12:15:00.000Z',
  created_at: '2026-11-20T12:00:00.000Z',
  updated_at: '2026-11-20T12:00:00.000Z',
};

export const orderSchema = z
  .strictObject({
    id: z.string(),
    number: z.string().meta({ description: 'To be read aloud. Counts up, and may skip numbers' }),
    user_id: z.int(),
    status: z.enum(ORDER_STATES),
    version: z.int().meta({ description: 'Grows with each transition' }),
    lines: z.array(lineSchema),
    subtotal: moneySchema,
    discount: moneySchema,
    tax: moneySchema,
    total: moneySchema.meta({ description: 'subtotal - discount + tax' }),
    promo_code: z.string().optional(),
    gift: giftSchema.optional(),
    shipping_address: addressSchema.optional(),
    reservation_id: z.string(),
    expires_at: time.meta({ description: 'End of the wait for the payment' }),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'order-checkout.Order', example });

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** `O-000042`. */
const numberOf = (number: number): string => `O-${String(number).padStart(6, '0')}`;

export const orderToJson = (order: Order): z.output<typeof orderSchema> => {
  const { currency, gift, shipping_address } = order;
  const money = (minor: number) => formatMinorUnits(minor, currency);
  return {
    id: order.id,
    number: numberOf(order.number),
    user_id: order.user_id,
    status: order.status,
    version: order.version,
    lines: order.lines.map((line) => ({
      sku: line.sku,
      name: line.name,
      quantity: line.quantity,
      unit_price: money(line.unit_price_minor),
      line_total: money(line.line_total_minor),
      discount: money(line.discount_minor),
      tax: money(line.tax_minor),
    })),
    subtotal: money(order.subtotal_minor),
    discount: money(order.discount_minor),
    tax: money(order.tax_minor),
    total: money(order.total_minor),
    ...(order.promo_code !== null && { promo_code: order.promo_code }),
    ...(gift !== null && { gift: { id: gift.id, sku: gift.sku } }),
    ...(shipping_address !== null && { shipping_address: addressSchema.parse(shipping_address) }),
    reservation_id: order.reservation_id,
    expires_at: timeOf(order.expires_at),
    created_at: timeOf(order.created_at),
    updated_at: timeOf(order.updated_at),
  };
};

export const eventToJson = (event: OrderEvent) => ({
  from: event.from_status,
  to: event.to_status,
  version: event.version,
  actor: event.actor,
  reason: event.reason,
  at: timeOf(event.at),
});
