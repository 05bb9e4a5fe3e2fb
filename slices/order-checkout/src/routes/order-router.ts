import { type IdempotencyTables, type OnceDeps, oncePerKey } from '@lab/gift-grant';
import { type Executor, transact } from '@lab/shared/database';
import {
  type Caller,
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  forbidden,
  ProblemError,
  type ProblemType,
  route,
  versionConflict,
} from '@lab/shared/http';
import { parseAmount } from '@lab/shared/money';
import { type Cursors, pageReply, readPage } from '@lab/shared/pagination';
import type { Checkout } from '../checkout.ts';
import type { CheckoutMetrics } from '../checkout-metrics.ts';
import type { OrderTables } from '../order-tables.ts';
import { eventsOf, newestFirst, type Order, orderPage } from '../orders/order-store.ts';
import type { MoveOutcome, Orders } from '../orders/orders.ts';
import { checkoutProblem, illegalTransition, orderNotFound } from './checkout-problems.ts';
import {
  cancelOrder,
  checkOutWith,
  listOrders,
  moveOrder,
  readEvents,
  readOrder,
} from './order-contracts.ts';
import { eventToJson, orderToJson } from './order-json.ts';

export interface OrderRouterDeps {
  readonly db: Executor<OrderTables & IdempotencyTables>;
  readonly idempotency: OnceDeps['idempotency'];
  readonly checkout: Checkout;
  readonly orders: Orders;
  readonly metrics: CheckoutMetrics;
  readonly callers: Callers;
  /** What a promo code can be refused with. */
  readonly codeProblems: readonly ProblemType[];
  readonly cursors: Cursors;
}

/** May see the orders of everyone. */
const isStaff = (caller: Caller): boolean =>
  caller.role === 'operator' || caller.permissions.has('orders:manage');

const actorOf = (caller: Caller): string =>
  caller.role === 'operator' ? 'operator' : `shopper:${caller.userId}`;

const movedReply = (outcome: MoveOutcome) => {
  if (outcome.ok) return { status: 200 as const, body: orderToJson(outcome.order) };
  switch (outcome.code) {
    case 'order_not_found':
      throw new ProblemError(orderNotFound);
    case 'version_conflict':
      throw new ProblemError(versionConflict, { members: { current_version: outcome.currentVersion } });
    case 'illegal_transition':
      throw new ProblemError(illegalTransition, {
        members: { from: outcome.from, allowed: [...outcome.allowed] },
      });
  }
};

const checkoutRoute = ({ checkout, metrics, codeProblems, ...deps }: OrderRouterDeps) => {
  const contract = checkOutWith(codeProblems);
  return route(contract).handle(async (req, res) => {
    const startedMs = performance.now();
    let isNew = false;
    const once = oncePerKey(contract, deps, async (trx, { body, caller, baseUrl }) => {
      const { expected_total: expected } = body;
      const order = await checkout(trx.withTables<OrderTables>(), {
        userId: caller.userId,
        actor: actorOf(caller),
        promoCode: body.promo_code,
        addressId: body.address_id,
        shippingAddress: body.shipping_address,
        // In a currency that does not exist it is only another sum than the real one.
        expectedTotal: expected && { ...expected, amount: parseAmount(expected.amount) },
        taxRate: body.tax_rate,
      });
      isNew = true;
      const headers = { Location: `${baseUrl}/orders/${order.id}` };
      return { status: 201 as const, headers, body: orderToJson(order) };
    });
    const reply = await once(req, res).catch((error: unknown) => {
      throw checkoutProblem(error);
    });
    if (isNew) {
      metrics.count('pending');
      metrics.observe((performance.now() - startedMs) / 1000);
    }
    return reply;
  });
};

const listRoute = ({ db, cursors }: OrderRouterDeps) =>
  route(listOrders).handle(async (req) => {
    const { status, user_id } = req.query;
    const { caller } = req;
    const own = caller.role === 'shopper' && !isStaff(caller) ? caller.userId : undefined;
    if (own !== undefined && user_id !== undefined && user_id !== own)
      throw new ProblemError(forbidden, { detail: 'Shoppers can only see their own orders.' });
    const filters = { userId: own ?? user_id, status };
    const page = await readPage(req.query, {
      cursors,
      keyset: newestFirst,
      binding: { ...filters, own },
      fetch: (count, after) => orderPage(db, filters, { count, after }),
      toItem: orderToJson,
    });
    return pageReply(req, page);
  });

/** Checkout, and the orders that it makes. */
export const createOrderRouter = (deps: OrderRouterDeps): ContractRouter => {
  const { db, orders, callers } = deps;
  const visible = async (caller: Caller, id: string): Promise<Order> => {
    const order = await orders.find(db.withTables<OrderTables>(), id);
    const isOwn = caller.role === 'shopper' && order?.user_id === caller.userId;
    if (order === undefined || !(isOwn || isStaff(caller))) throw new ProblemError(orderNotFound);
    return order;
  };

  return createRouter(
    [
      checkoutRoute(deps),
      listRoute(deps),
      route(readOrder).handle(async ({ caller, params }) => ({
        status: 200,
        body: orderToJson(await visible(caller, params.id)),
      })),
      route(readEvents).handle(async ({ caller, params }) => {
        const { id } = await visible(caller, params.id);
        const events = await eventsOf(db.withTables<OrderTables>(), id);
        return { status: 200, body: { items: events.map(eventToJson) } };
      }),
      route(moveOrder).handle(async (req, res) => {
        const { to, reason, expected_version: expectedVersion } = req.body;
        const wanted = { to, reason, expectedVersion, actor: actorOf(req.caller) };
        const { signal } = contextOf(req, res);
        return movedReply(
          await transact(db, (trx) => orders.move(trx.withTables<OrderTables>(), req.params.id, wanted), {
            signal,
          }),
        );
      }),
      route(cancelOrder).handle(async (req, res) => {
        const { id, user_id } = await visible(req.caller, req.params.id);
        // Staff cancel the orders of others by a transition.
        if (user_id !== req.caller.userId) throw new ProblemError(orderNotFound);
        const wanted = { to: 'cancelled', reason: req.body.reason, actor: actorOf(req.caller) } as const;
        const { signal } = contextOf(req, res);
        return movedReply(
          await transact(db, (trx) => orders.move(trx.withTables<OrderTables>(), id, wanted), { signal }),
        );
      }),
    ],
    { callers },
  );
};
