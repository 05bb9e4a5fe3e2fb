import { createHmac } from 'node:crypto';
import { createSeededRandom } from '@lab/testing';
import { Webhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { describe, expect, it } from 'vitest';
import { isSignatureValid, isSignedBy } from '../src/webhooks/webhook-signature.ts';

const HEADERS = process.env.FULL_PROOF === '1' ? 10_000 : 2000;
const SECRETS = ['whsec_one', 'whsec_two'];
const NOW = new Date('2026-11-20T12:00:00.000Z');
const stripe = new Stripe('sk_test_none');

const sign = (time: string, body: string, secret: string): string =>
  createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');

/** What Stripe's own library says, for any of the secrets. */
const stripeSays = (header: string, body: string): boolean =>
  SECRETS.some((secret) => {
    try {
      stripe.webhooks.constructEvent(body, header, secret, 300, undefined, NOW.getTime());
      return true;
    } catch {
      return false;
    }
  });

const weSay = (header: string, body: string, now = NOW): boolean =>
  isSignatureValid({ header, body: Buffer.from(body) }, { secrets: SECRETS, now });

describe('a Stripe-Signature', () => {
  const random = createSeededRandom(4217);
  const pick = <Value>(...values: readonly Value[]): Value => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  const flip = (hex: string): string => {
    const at = Math.floor(random() * hex.length);
    return `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`;
  };

  const generate = () => {
    const body = pick(
      '{}',
      '{"id":"evt_1"}',
      `{"text":"${'\u00e9\u{1f600}'.repeat(1 + Math.floor(random() * 9))}"}`,
    );
    const time = String(Math.floor(NOW.getTime() / 1000) - pick(0, 0, 10, 299, 300, 301, 3600));
    const good = sign(time, body, pick(...SECRETS));
    const wrong = [
      flip(good),
      sign(time, body, 'whsec_other'),
      sign(`${Number(time) + 1}`, body, 'whsec_one'),
      good.slice(1),
    ];
    const signatures = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      random() < 0.4 ? `v1=${good}` : pick(...wrong.map((one) => `v1=${one}`), `v0=${good}`),
    );
    const parts = pick([`t=${time}`, ...signatures], [...signatures, `t=${time}`], signatures, [`t=${time}`]);
    return { header: parts.join(','), body: random() < 0.1 ? `${body} ` : body };
  };

  it(`is accepted and refused as by the library of Stripe, ${HEADERS} generated ones`, () => {
    let accepted = 0;
    for (let count = 0; count < HEADERS; count += 1) {
      const { header, body } = generate();
      const expected = stripeSays(header, body);
      expect(weSay(header, body), header).toBe(expected);
      accepted += Number(expected);
    }
    expect(accepted).toBeGreaterThan(HEADERS / 10);
    expect(accepted).toBeLessThan(HEADERS * 0.9);
  });

  it('may be 300 s old and 5 s ahead, and no more', () => {
    const time = String(NOW.getTime() / 1000);
    const header = `t=${time},v1=${sign(time, '{}', 'whsec_two')}`;
    const at = (seconds: number): boolean => weSay(header, '{}', new Date(NOW.getTime() + seconds * 1000));
    expect([at(-6), at(-5), at(0), at(300), at(301)]).toEqual([false, true, true, true, false]);
  });

  it('is read strictly: one time, lower case, nothing around it', () => {
    const time = String(NOW.getTime() / 1000);
    const good = sign(time, '{}', 'whsec_one');
    for (const header of [
      '',
      't',
      't=,v1=',
      `t=${time},t=${time},v1=${good}`,
      `t=${time}, v1=${good}`,
      `t=+1,v1=${good}`,
      `t=${time},v1=${good.toUpperCase()}`,
    ])
      expect(weSay(header, '{}'), header).toBe(false);
  });

  it('(detector) the comparison sees a check that ignores the time', () => {
    const old = '1';
    const header = `t=${old},v1=${sign(old, '{}', 'whsec_one')}`;
    expect(isSignedBy(SECRETS, [old, '.', '{}'], [Buffer.from(sign(old, '{}', 'whsec_one'), 'hex')])).toBe(
      true,
    );
    expect(stripeSays(header, '{}')).toBe(false);
  });
});

describe('the signature of Standard Webhooks', () => {
  const SECRET = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const check = (id: string, time: string, body: string, header: string): boolean =>
    isSignedBy(
      [Buffer.from(SECRET, 'base64')],
      [`${id}.${time}.`, body],
      header.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, ''), 'base64')),
    );

  it('is that of the vector in its specification', () => {
    const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    expect(check('msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}', signature)).toBe(true);
    expect(check('msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232315}', signature)).toBe(
      false,
    );
  });

  it(`is accepted and refused as by its library, ${HEADERS} generated ones`, () => {
    const random = createSeededRandom(7);
    const webhook = new Webhook(SECRET);
    const other = new Webhook(Buffer.from('another secret').toString('base64'));
    for (let count = 0; count < HEADERS; count += 1) {
      const id = `msg_${count}`;
      const date = new Date(Math.floor(Date.now() / 1000) * 1000);
      const time = String(date.getTime() / 1000);
      const body = JSON.stringify({ count, text: '\u00e9'.repeat(count % 7) });
      const signers = Array.from({ length: 1 + (count % 3) }, () => (random() < 0.4 ? webhook : other));
      const header = signers.map((signer) => signer.sign(id, date, body)).join(' ');
      const sent = random() < 0.1 ? `${body} ` : body;
      const headers = { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': header };
      const says = (): boolean => {
        try {
          webhook.verify(sent, headers);
          return true;
        } catch {
          return false;
        }
      };
      expect(check(id, time, sent, header)).toBe(says());
    }
  });
});
