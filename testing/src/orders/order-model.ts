export const ORDER_STATES = [
  ...(['pending', 'payment_confirmed', 'processing', 'shipped', 'delivered'] as const),
  ...(['cancelled', 'expired', 'refunded'] as const),
] as const;

export type OrderState = (typeof ORDER_STATES)[number];

/** The contract once more, written by hand, so that a wrong table of states does not agree with itself. */
const NEXT: Readonly<Record<OrderState, readonly OrderState[]>> = {
  pending: ['payment_confirmed', 'cancelled', 'expired'],
  payment_confirmed: ['processing', 'cancelled', 'refunded'],
  processing: ['shipped', 'cancelled', 'refunded'],
  shipped: ['delivered', 'refunded'],
  delivered: ['refunded'],
  cancelled: [],
  expired: [],
  refunded: [],
};

/** What the tests know of an order, in plain arithmetic. */
export interface ModelOrder {
  readonly id: string;
  readonly shopper: number;
  readonly quantity: number;
  readonly hasCode: boolean;
  readonly gift: string | undefined;
  readonly expiresAt: number;
  status: OrderState;
  events: number;
}

export interface Model {
  readonly orders: ModelOrder[];
  readonly carts: Map<number, number>;
  onHand: number;
  codesLeft: number;
}

export const reservedIn = ({ orders }: Model): number =>
  orders.filter(({ status }) => status === 'pending').reduce((sum, { quantity }) => sum + quantity, 0);

const isGivenBack = (status: OrderState): boolean => status === 'cancelled' || status === 'expired';

export const giftsIn = ({ orders }: Model): string[] =>
  orders.flatMap(({ gift, status }) => (gift === undefined || isGivenBack(status) ? [] : [gift]));

/** Moves an order of the model. Returns whether that is allowed. */
export const moveInModel = (model: Model, order: ModelOrder, to: OrderState): boolean => {
  const from = order.status;
  if (!NEXT[from].includes(to)) return false;
  if (to === 'payment_confirmed') model.onHand -= order.quantity;
  if (to === 'cancelled' && from !== 'pending') model.onHand += order.quantity;
  if (isGivenBack(to) && order.hasCode) model.codesLeft += 1;
  order.status = to;
  order.events += 1;
  return true;
};
