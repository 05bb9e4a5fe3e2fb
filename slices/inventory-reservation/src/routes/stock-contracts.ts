import { idempotent } from '@lab/gift-grant';
import {
  defineProblem,
  defineRoute,
  serviceUnavailable,
  storableText,
  type Tag,
  unknownSku,
} from '@lab/shared/http';
import { listProblems, listQuery, pageResponse } from '@lab/shared/pagination';
import { z } from 'zod';
import { MOST_ON_HAND } from '../stock/stock-store.ts';

export const tag: Tag = {
  name: 'inventory-reservation',
  description:
    'Holds goods for buyers, never more than there are. All lines of a reservation are held or none, and what is not paid in time is for sale again at that moment.',
};

export const stockBelowReserved = defineProblem({
  code: 'stock_below_reserved',
  status: 409,
  title: 'Less than what is reserved',
  explanation:
    'Reservations hold more of this SKU than would be left. Wait until they end, release them, or choose a larger amount.',
  members: { reserved: z.int().meta({ example: 2 }) },
});

export const stockOutOfRange = defineProblem({
  code: 'stock_out_of_range',
  status: 422,
  title: 'There would be too much of it',
  explanation: `There can be at most ${MOST_ON_HAND} of one SKU.`,
});

export const sku = storableText(1, 64).meta({
  description: 'Stock keeping unit',
  example: 'ICE-VANILLA-500',
});
const params = z.strictObject({ sku });
const amount = z.int().min(0).max(MOST_ON_HAND);

const stockSchema = z
  .strictObject({
    sku,
    on_hand: amount.meta({ description: 'What there is, reserved or not', example: 40 }),
    reserved: amount.meta({ description: 'Part of it that reservations hold', example: 0 }),
    available: amount.meta({ description: '`on_hand` less `reserved`', example: 40 }),
    version: z.int().meta({ description: 'Grows with each change', example: 1 }),
  })
  .meta({ id: 'inventory-reservation.Stock' });

const ledgerEntrySchema = z
  .strictObject({
    id: z.uuid(),
    sku,
    delta: z.int().meta({ description: 'Change of `on_hand`', example: 40 }),
    reason: z
      .string()
      .meta({ description: '`initial`, `set`, `sold`, `retired`, or the text of an adjustment' }),
    reference: z.string().nullable().meta({ description: 'The reservation that took the goods' }),
    at: z.iso.datetime({ precision: 3 }),
  })
  .meta({
    id: 'inventory-reservation.LedgerEntry',
    example: {
      id: '019a0000-0000-7000-8000-00000000b001',
      sku: 'ICE-VANILLA-500',
      delta: 40,
      reason: 'initial',
      reference: null,
      at: '2026-11-20T12:00:00.000Z',
    },
  });

export const listStock = defineRoute({
  method: 'GET',
  path: '/stock',
  name: 'listStock',
  summary: 'List the stock by SKU',
  tag,
  query: z.strictObject({
    ...listQuery,
    low: z
      .string()
      .regex(/^\d{1,9}$/, 'must be a whole number, 0 or more')
      .transform(Number)
      .optional()
      .meta({ description: 'Only SKUs of which at most this much is available', example: '5' }),
  }),
  responses: { 200: pageResponse(stockSchema, 'A page of the stock') },
  problems: [...listProblems, serviceUnavailable],
});

export const readStock = defineRoute({
  method: 'GET',
  path: '/stock/:sku',
  name: 'readStock',
  summary: 'Read the stock of one SKU',
  tag,
  params,
  responses: { 200: { description: 'The stock', body: stockSchema } },
  problems: [unknownSku, serviceUnavailable],
});

export const readLedger = defineRoute({
  method: 'GET',
  path: '/stock/:sku/ledger',
  name: 'readStockLedger',
  summary: 'List the changes of one SKU, newest first',
  tag,
  params,
  query: z.strictObject(listQuery),
  responses: { 200: pageResponse(ledgerEntrySchema, 'A page of the ledger') },
  problems: [unknownSku, ...listProblems, serviceUnavailable],
});

const forStaff = { caller: 'operator', permission: 'stock:write' } as const;
const editProblems = [stockBelowReserved, stockOutOfRange, serviceUnavailable];

export const setStock = idempotent(
  defineRoute({
    method: 'PUT',
    path: '/stock/:sku',
    name: 'setStock',
    summary: 'Set what there is of a SKU',
    description: 'A SKU that has no stock row yet gets one.',
    tag,
    ...forStaff,
    params,
    body: z
      .strictObject({ on_hand: amount })
      .meta({ id: 'inventory-reservation.StockLevel', example: { on_hand: 40 } }),
    responses: { 200: { description: 'The stock afterwards', body: stockSchema } },
    problems: editProblems,
  }),
  { keysPerRoute: true },
);

export const adjustStock = idempotent(
  defineRoute({
    method: 'POST',
    path: '/stock/:sku/adjustments',
    name: 'adjustStock',
    summary: 'Add to the stock of a SKU, or take from it',
    tag,
    ...forStaff,
    params,
    body: z
      .strictObject({
        delta: z
          .int()
          .min(-MOST_ON_HAND)
          .max(MOST_ON_HAND)
          .refine((delta) => delta !== 0, 'must not be 0')
          .meta({ description: 'How many more; negative for fewer' }),
        reason: storableText(1, 200),
      })
      .meta({ id: 'inventory-reservation.Adjustment', example: { delta: 5, reason: 'delivery 4711' } }),
    responses: { 200: { description: 'The stock afterwards', body: stockSchema } },
    problems: [unknownSku, ...editProblems],
  }),
  { keysPerRoute: true },
);

export const verifyStock = defineRoute({
  method: 'GET',
  path: '/stock/verify',
  name: 'verifyStock',
  summary: 'Count the whole stock again',
  description: 'Compares each row with the sum of its ledger and with the reservations that are held.',
  tag,
  caller: 'operator',
  permission: 'stock:write',
  responses: {
    200: {
      description: 'The result. `faults` lists at most 100',
      body: z.strictObject({
        ok: z.boolean(),
        skus: z.int(),
        faults: z.array(
          z.strictObject({
            sku: z.string(),
            on_hand: z.int(),
            ledger: z.int().meta({ description: 'Sum of the ledger; must be `on_hand`' }),
            reserved: z.int(),
            held: z.int().meta({ description: 'Sum of held reservations; must be `reserved`' }),
          }),
        ),
      }),
      example: { ok: true, skus: 6, faults: [] },
    },
  },
  problems: [serviceUnavailable],
});
