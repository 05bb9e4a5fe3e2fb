/**
 * What goes into an entry came from a client. A card number or a token in a path must not stay in a trail that is never
 * deleted, and a line break or a control sequence must not forge a line in the terminal of the one who reads it.
 */

const MOST_CHARACTERS = 1024;

// C0 and C1 controls, line separators, and the marks that reverse the direction of text (CVE-2021-42574).
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const escapeCharacter = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The check digit of card numbers (ISO/IEC 7812-1, annex B). */
const passesLuhn = (digits: string): boolean => {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
};

// 13 to 19 digits, or groups of four. Letters around them mean that it is an id.
const cardLike = /(?<![\w-])(?:\d{13,19}|\d{4}(?:%20|[ -])\d{4}(?:%20|[ -])\d{4}(?:%20|[ -])\d{4})(?![\w-])/g;

const maskCard = (found: string): string =>
  passesLuhn(found.replaceAll('%20', '').replaceAll(/\D/g, '')) ? '[card]' : found;

// JSON Web Tokens, and the hexadecimal or base64url text of 32 random bytes or more, as tokens are usually written.
const jwt = /(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;
const longWord = /[\w-]{40,}/g;

const maskWord = (word: string): string => {
  const isHex = /^[\da-f]+$/i.test(word);
  const isMixed = /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
  return isHex || isMixed ? '[token]' : word;
};

/** A text as it is stored: at most 1,024 characters, all printable, without card numbers and tokens that are recognized. */
export const entryText = (text: string): string => {
  const masked = text
    .replaceAll(jwt, '[token]')
    .replaceAll(longWord, maskWord)
    .replaceAll(cardLike, maskCard);
  return masked.slice(0, MOST_CHARACTERS).toWellFormed().replaceAll(unprintable, escapeCharacter);
};
