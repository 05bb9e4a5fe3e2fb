import { maskSensitive } from '../src/masking.ts';
import { namedSchemas } from '../src/named-schemas.ts';
import { redactByName } from './naive-redaction.ts';

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

const cards = Array.from({ length: 1000 }, (_, index) => ({
  number: cardNumber(index),
  holder: 'A. Miller',
  expiry_month: 12,
  expiry_year: 2030,
  cvc: digits(3, index),
}));

const schema = namedSchemas.get('payment_card');
const leaks = (show: (card: unknown) => unknown): number =>
  cards.filter((card) => JSON.stringify(show(card)).includes(card.number)).length;

console.log(`${cards.length} payment cards, logged`);
console.log(
  `a list of names to redact (card_number, cvv, password): ${leaks(redactByName)} numbers in clear`,
);
console.log(
  `slices/echo-gateway, marked in the schema:              ${leaks((card) => maskSensitive(schema, card))} numbers in clear`,
);

const quantity = -1;
const refused = namedSchemas.get('cart_line')?.safeParse({ quantity }).success === false;
console.log(
  `\na quantity of ${quantity}, read as unsigned: a loop of ${(quantity >>> 0).toLocaleString('en-US')} steps`,
);
console.log(`slices/echo-gateway: ${refused ? 'refused' : 'accepted'} before any handler sees it`);
