import type { SendRequest } from '../http/test-client.ts';

/** What a shop that is compared with the model must have at the start. */
export const modelled = {
  sku: 'ICE-VANILLA-500',
  unitMinor: 699,
  stock: 12,
  /** How often the code can be redeemed, by anybody. */
  codes: 3,
  /** From this subtotal on an order has a gift. */
  giftFromMinor: 2500,
  /** How long an order waits for its payment. */
  windowMs: 900_000,
} as const;

type Headers = Readonly<Record<string, string>>;

/** What the database says, of the orders since the shop was opened. */
interface Books {
  /** In the order of their numbers. */
  readonly orders: readonly { readonly id: string; readonly status: string }[];
  /** The order of each event. */
  readonly events: readonly string[];
  readonly stock: { readonly on_hand: number; readonly reserved: number };
  readonly codesLeft: number;
  /** The ids of the gifts. */
  readonly gifts: readonly string[];
  readonly faults: readonly unknown[];
}

/** A running shop, without orders and with empty carts. */
export interface ModelledShop {
  readonly request: SendRequest;
  /** Of the two shoppers. */
  readonly shoppers: readonly [Headers, Headers];
  readonly operator: Headers;
  readonly code: string;
  /** The code of the problem when the code cannot be redeemed any more. */
  readonly codeIsGone: string;
  readonly now: () => Date;
  readonly advance: (ms: number) => Promise<unknown>;
  /** Resolves when all overdue orders have expired. */
  readonly sweep: () => Promise<unknown>;
  /** How long overdue orders may wait for that. */
  readonly latestSweepMs: number;
  readonly read: () => Promise<Books>;
}
