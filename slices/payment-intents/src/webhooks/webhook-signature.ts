/**
 * Problem: anyone can send to a public URL and say that an order is paid.
 * Guarantees: the body is, byte for byte, what someone with one of the secrets signed, at most `tolerance` ago. Several
 * secrets are valid while one replaces another. Comparisons take the same time whatever was guessed right.
 * Does NOT guarantee: that a message comes once. A copy passes for five minutes; webhook-inbox.ts finds it.
 * Form: Stripe's, `t=<seconds>,v1=<hex>[,v1=...]`, an HMAC-SHA-256 over `<t>.<body>`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Oldest message, and the furthest ahead that the clock of the sender may be, in seconds. */
const OLDEST_S = 300;
const FURTHEST_AHEAD_S = 5;

/** Whether one of the signatures is an HMAC-SHA-256 of the content with one of the secrets. All pairs are compared. */
export const isSignedBy = (
  secrets: readonly (string | Uint8Array)[],
  content: readonly (string | Uint8Array)[],
  signatures: readonly Uint8Array[],
): boolean => {
  let isSigned = false;
  for (const secret of secrets) {
    const hmac = createHmac('sha256', secret);
    for (const part of content) hmac.update(part);
    const expected = hmac.digest();
    for (const signature of signatures)
      if (signature.length === expected.length && timingSafeEqual(signature, expected)) isSigned = true;
  }
  return isSigned;
};

/** The parts of a `Stripe-Signature`. Undefined unless it has one time and at least one signature. */
const parseHeader = (header: string) => {
  const times: string[] = [];
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const [, scheme, value = ''] = /^(t|v1)=([0-9a-f]{1,64})$/.exec(part) ?? [];
    if (scheme === 't') times.push(value);
    if (scheme === 'v1' && value.length === 64) signatures.push(Buffer.from(value, 'hex'));
  }
  const [time = '', another] = times;
  if (another !== undefined || !/^\d{1,12}$/.test(time) || signatures.length === 0) return undefined;
  return { time, signatures };
};

/** Whether the body was signed with one of the secrets, at most 300 s ago and at most 5 s ahead of our clock. */
export const isSignatureValid = (
  { header, body }: { readonly header: string; readonly body: Uint8Array },
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: Date },
): boolean => {
  const parsed = parseHeader(header);
  if (parsed === undefined) return false;
  const ageS = now.getTime() / 1000 - Number(parsed.time);
  if (ageS > OLDEST_S || ageS < -FURTHEST_AHEAD_S) return false;
  return isSignedBy(secrets, [parsed.time, '.', body], parsed.signatures);
};
