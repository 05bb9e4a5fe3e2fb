import type { Cart, ListedPrice } from '@lab/cart-pricing';
import type { Line } from '@lab/inventory-reservation';
import type { ProblemType } from '@lab/shared/http';
import type { Money } from '@lab/shared/money';
import type { Transaction } from 'kysely';
import type { OrderTables } from '../order-tables.ts';

/** The transaction of the checkout. What plugs into a step reads its own tables with `trx.withTables<...>()`. */
export type Trx = Transaction<OrderTables>;

export interface Address {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
  readonly phone?: string | undefined;
}

export interface Gift {
  readonly id: string;
  readonly sku: string;
}

/** What a gift is decided by. */
export interface GiftWish {
  readonly orderId: string;
  readonly userId: number;
  readonly subtotal: Money;
}

/**
 * What a checkout is made of. Each step runs inside its transaction, waits for nothing but the database, and throws to
 * roll everything back: a CheckoutRefusedError or a problem of its own where it refuses.
 */
export interface CheckoutSteps {
  readonly cart: {
    /** Locks the cart first: nobody changes it until the commit. */
    readonly readLocked: (trx: Trx, userId: number) => Promise<Cart>;
    readonly empty: (trx: Trx, cart: Cart) => Promise<void>;
  };
  readonly prices: {
    /** Skus that are not for sale are absent. */
    readonly pricesOf: (trx: Trx, skus: readonly string[]) => Promise<ReadonlyMap<string, ListedPrice>>;
  };
  readonly address: {
    readonly find: (trx: Trx, userId: number, id: string) => Promise<Address | undefined>;
  };
  readonly discount: {
    /** What a code can be refused with. */
    readonly problems: readonly ProblemType[];
    /** What the code takes off. The order gives it back if it ends unpaid. */
    readonly redeem: (
      trx: Trx,
      wish: {
        readonly code: string;
        readonly orderId: string;
        readonly userId: number;
        readonly total: Money;
      },
    ) => Promise<Money>;
    /** May be repeated. */
    readonly giveBack: (trx: Trx, orderId: string) => Promise<unknown>;
  };
  readonly stock: {
    /** Holds all lines, or throws. Resolves with the id of the reservation. */
    readonly reserve: (trx: Trx, lines: readonly Line[], ttlMs: number) => Promise<string>;
    /** The goods leave the stock. False if they are no longer held. */
    readonly sell: (trx: Trx, reservationId: string) => Promise<boolean>;
    /** What is held is for sale again. */
    readonly release: (trx: Trx, reservationId: string) => Promise<unknown>;
    /** What was sold returns to the stock. */
    readonly takeBack: (trx: Trx, lines: readonly Line[], reason: string) => Promise<void>;
  };
  readonly gift: {
    /** Grants a gift if the order gets one. */
    readonly grant: (trx: Trx, wish: GiftWish) => Promise<Gift | undefined>;
    /** The order is cancelled or has expired, so that nothing was sent. */
    readonly takeBack: (trx: Trx, gift: Gift) => Promise<unknown>;
  };
}
