/** Bodies that clients send: valid cards, and invalid bodies of all kinds. */

const digits = (length: number, from: number): string => String(from).padStart(length, '0');

/** Appends the check digit (ISO/IEC 7812-1, annex B). */
const cardNumber = (index: number): string => {
  const body = `411111${digits(9, index * 7919)}`;
  const sum = [...body].toReversed().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return body + ((10 - (sum % 10)) % 10);
};

const cardOf = (index: number, holder: string) => ({
  number: cardNumber(index),
  holder,
  expiry_month: 12,
  expiry_year: 2030,
  cvc: digits(3, index % 1000),
});

export const cards = Array.from({ length: 1000 }, (_, index) => cardOf(index, 'A. Miller'));

/** Cards that are refused because their holder is empty. */
export const cardsOfNobody = Array.from({ length: 100 }, (_, index) => cardOf(5000 + index, ''));

const cartLine = { sku: 'MOCHI-6', quantity: 2, unit_price: { amount: '4.50', currency: 'USD' } };

/** A cart line that is valid except for its quantity of minus one. */
export const minusOne = { ...cartLine, quantity: -1 };

/** Cart lines with one fault each. */
export const brokenLines: readonly object[] = [
  minusOne,
  { ...cartLine, quantity: -2_147_483_648 },
  { ...cartLine, quantity: 1.5 },
  { ...cartLine, quantity: 4_294_967_297 },
  { ...cartLine, quantity: '2' },
  { ...cartLine, quantity: [2] },
  { ...cartLine, sku: '../../etc/passwd' },
  { ...cartLine, sku: { $ne: null } },
  { ...cartLine, unit_price: 4.5 },
  { ...cartLine, unit_price: { amount: '-4.50', currency: 'USD; DROP' } },
  { ...cartLine, unit_price: { amount: '4.50' } },
  { ...cartLine, discount: '100%' },
];

/** Cart lines with three faults each, one in every field. */
export const hopelessLines = Array.from({ length: 20 }, (_, index) => ({
  sku: '',
  quantity: -index,
  unit_price: null,
}));

/** Messages that try to set their prototype, as JSON text. */
export const poisonedMessages = Array.from(
  { length: 10 },
  (_, index) => `{"message":"hi ${index}","__proto__":{"is_admin":true}}`,
);
