import { idempotent, type OnceDeps, oncePerKey } from '@lab/gift-grant';
import { transact } from '@lab/shared/database';
import {
  type ContractRouter,
  contextOf,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
  unknownSku,
} from '@lab/shared/http';
import { z } from 'zod';
import { LONGEST_TTL_MS, SHORTEST_TTL_MS } from '../config.ts';
import type { InventoryTables, Line } from '../inventory-tables.ts';
import type { ReservationMetrics } from '../reservation-metrics.ts';
import type { Ending, Reservation, Reservations } from '../reservations.ts';
import { InsufficientStockError, UnknownSkuError } from '../shortages.ts';
import { StockContentionError } from '../strategies/strategy.ts';
import { sku, tag } from './stock-contracts.ts';
import type { InventoryDatabase } from './stock-router.ts';

const shortage = z.strictObject({ sku, wanted: z.int(), available: z.int() });

export const insufficientStock = defineProblem({
  code: 'insufficient_stock',
  status: 409,
  title: 'There is not enough of it',
  explanation:
    'At least one line asks for more than is available, so nothing was reserved. `shortages` says how much there is of each.',
  members: {
    shortages: z.array(shortage).meta({ example: [{ sku: 'ICE-VANILLA-500', wanted: 3, available: 1 }] }),
  },
});

const reservationNotFound = defineProblem({
  code: 'reservation_not_found',
  status: 404,
  title: 'No reservation has this id',
  explanation: '`POST /reservations` returns the id of the reservation that it makes.',
});

const reservationConfirmed = defineProblem({
  code: 'reservation_confirmed',
  status: 409,
  title: 'The reservation is confirmed',
  explanation: 'Its goods have left the stock, so it cannot be released.',
});

const reservationReleased = defineProblem({
  code: 'reservation_released',
  status: 409,
  title: 'The reservation is released',
  explanation: 'Its goods are for sale again. Make a new reservation.',
});

const reservationExpired = defineProblem({
  code: 'reservation_expired',
  status: 409,
  title: 'The reservation has expired',
  explanation: 'Its time was over, and its goods are for sale again. Make a new reservation.',
});

const reservationSchema = z
  .strictObject({
    id: z.uuid(),
    status: z.enum(['held', 'confirmed', 'released', 'expired']),
    lines: z.array(z.strictObject({ sku, quantity: z.int() })),
    expires_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({
    id: 'inventory-reservation.Reservation',
    example: {
      id: '019a0000-0000-7000-8000-00000000a001',
      status: 'held',
      lines: [{ sku: 'ICE-VANILLA-500', quantity: 2 }],
      expires_at: '2026-11-20T12:15:00.000Z',
    },
  });

const lineSchema = z.strictObject({ sku, quantity: z.int().min(1).max(10_000) });

const reserveStock = idempotent(
  defineRoute({
    method: 'POST',
    path: '/reservations',
    name: 'reserveStock',
    summary: 'Hold goods for a while',
    description: 'All lines are held or none. Lines with the same SKU add up.',
    tag,
    body: z
      .strictObject({
        lines: z.array(lineSchema).min(1).max(100),
        ttl_ms: z.int().min(SHORTEST_TTL_MS).max(LONGEST_TTL_MS).optional(),
      })
      .meta({
        id: 'inventory-reservation.ReservationRequest',
        example: { lines: [{ sku: 'ICE-VANILLA-500', quantity: 2 }], ttl_ms: 60_000 },
      }),
    responses: {
      201: {
        description: 'The reservation that this request or an earlier attempt made',
        body: reservationSchema,
        headers: { Location: 'Path of the reservation' },
      },
    },
    problems: [insufficientStock, unknownSku, serviceUnavailable],
  }),
  { keysPerRoute: true },
);

const params = z.strictObject({
  id: storableText(1, 64).meta({ example: '019a0000-0000-7000-8000-00000000a001' }),
});
const responses = { 200: { description: 'The reservation', body: reservationSchema } };
const common = { tag, params, responses } as const;

const readReservation = defineRoute({
  ...common,
  method: 'GET',
  path: '/reservations/:id',
  name: 'readReservation',
  summary: 'Read a reservation',
  problems: [reservationNotFound, serviceUnavailable],
});

const confirmReservation = defineRoute({
  ...common,
  method: 'POST',
  path: '/reservations/:id/confirm',
  name: 'confirmReservation',
  summary: 'The goods leave the stock; may be repeated',
  problems: [reservationNotFound, reservationReleased, reservationExpired, serviceUnavailable],
});

const releaseReservation = defineRoute({
  ...common,
  method: 'POST',
  path: '/reservations/:id/release',
  name: 'releaseReservation',
  summary: 'The goods are for sale again; may be repeated',
  problems: [reservationNotFound, reservationConfirmed, reservationExpired, serviceUnavailable],
});

const endingProblems = {
  not_found: reservationNotFound,
  confirmed: reservationConfirmed,
  released: reservationReleased,
  expired: reservationExpired,
};

const toJson = ({ id, status, lines, expiresAt }: Reservation) => ({
  id,
  status,
  lines: lines.map(({ sku: one, quantity }) => ({ sku: one, quantity })),
  expires_at: expiresAt.toISOString(),
});

/** The places of the lines with these skus in a request. */
const faultsAt = (lines: readonly Line[], details: ReadonlyMap<string, string>) =>
  lines.flatMap((line, index) => {
    const detail = details.get(line.sku);
    return detail === undefined ? [] : [{ pointer: `#/lines/${index}`, detail }];
  });

/** The problem that a failed reservation is answered with; other errors as they are. */
export const reservationProblem = (error: unknown, lines: readonly Line[]): unknown => {
  if (error instanceof InsufficientStockError) {
    const { shortages } = error;
    const details = new Map(
      shortages.map((one) => [one.sku, `wants ${one.wanted}, but ${one.available} are available`]),
    );
    return new ProblemError(insufficientStock, { errors: faultsAt(lines, details), members: { shortages } });
  }
  if (error instanceof UnknownSkuError) {
    const details = new Map(error.skus.map((one) => [one, 'the shop does not know this SKU']));
    return new ProblemError(unknownSku, { errors: faultsAt(lines, details) });
  }
  if (error instanceof StockContentionError)
    return new ProblemError(serviceUnavailable, { headers: { 'Retry-After': '1' }, cause: error });
  return error;
};

export interface ReservationRouterDeps {
  readonly db: InventoryDatabase;
  readonly reservations: Reservations;
  readonly idempotency: OnceDeps['idempotency'];
  readonly metrics: ReservationMetrics;
}

/** Reservations over HTTP. On their own they serve anyone; use `requireCaller` where others can reach the server. */
export const createReservationRouter = (
  { db, reservations, idempotency, metrics }: ReservationRouterDeps,
  { ttlMs }: { readonly ttlMs: number },
): ContractRouter => {
  const reserve = route(reserveStock).handle(async (request, res) => {
    const { lines, ttl_ms = ttlMs } = request.body;
    let isNew = false;
    const once = oncePerKey(reserveStock, { db, idempotency }, async (trx, { baseUrl }) => {
      const held = await reservations.reserve(trx.withTables<InventoryTables>(), lines, ttl_ms);
      isNew = true;
      return {
        status: 201 as const,
        headers: { Location: `${baseUrl}/reservations/${held.id}` },
        body: toJson(held),
      };
    });
    try {
      const reply = await once(request, res);
      if (isNew) metrics.count('held');
      return reply;
    } catch (error) {
      const problem = reservationProblem(error, lines);
      if (error instanceof InsufficientStockError) metrics.count('insufficient');
      throw problem;
    }
  });

  const read = route(readReservation).handle(async ({ params: { id } }) => {
    const found = await reservations.find(db, id);
    if (found === undefined) throw new ProblemError(reservationNotFound);
    return { status: 200, body: toJson(found) };
  });

  const reply = (ending: Ending) => {
    if (!ending.ok) throw new ProblemError(endingProblems[ending.reason]);
    if (!ending.isRepeat) metrics.count(ending.reservation.status);
    return { status: 200 as const, body: toJson(ending.reservation) };
  };

  const confirm = route(confirmReservation).handle(async (req, res) =>
    reply(
      await transact(db, (trx) => reservations.confirm(trx.withTables<InventoryTables>(), req.params.id), {
        signal: contextOf(req, res).signal,
      }),
    ),
  );

  const release = route(releaseReservation).handle(async (req, res) =>
    reply(
      await transact(db, (trx) => reservations.release(trx.withTables<InventoryTables>(), req.params.id), {
        signal: contextOf(req, res).signal,
      }),
    ),
  );

  return createRouter([reserve, read, confirm, release]);
};
