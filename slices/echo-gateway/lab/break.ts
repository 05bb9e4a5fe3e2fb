import { once } from 'node:events';
import { type Story, startSlice } from '@lab/testing/story';
import { z } from 'zod';
import { brokenLines, cards, cardsOfNobody, hopelessLines, minusOne, poisonedMessages } from './bodies.ts';
import { createNaiveGateway } from './naive-gateway.ts';

const figure = (count: number): string => count.toLocaleString('en-US');

interface Gateway {
  readonly url: string;
  /** Stops the gateway and resolves with its log. */
  readonly stop: () => Promise<string>;
}

const startNaive = async (): Promise<Gateway> => {
  const lines: string[] = [];
  const server = createNaiveGateway((line) => lines.push(line)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server must have a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.close();
      return lines.join('\n');
    },
  };
};

const refusal = z.looseObject({
  detail: z.string().optional(),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })).default([]),
});
const accepted = z.looseObject({ steps: z.number() });

const send = async ({ url }: Gateway, schema: string, body: string) => {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/echo/${schema}`, { method: 'POST', headers, body });
  return { isAccepted: response.ok, text: await response.text() };
};

const sendAll = async (gateway: Gateway, schema: string, bodies: readonly (object | string)[]) => {
  const answers: Awaited<ReturnType<typeof send>>[] = [];
  for (const body of bodies) {
    answers.push(await send(gateway, schema, typeof body === 'string' ? body : JSON.stringify(body)));
  }
  return answers;
};

/** Counts the invalid fields that an error does not name. */
const unnamed = (text: string, fields: readonly string[]): number => {
  const { detail = '', errors } = refusal.parse(JSON.parse(text));
  const named = [detail, ...errors.map(({ pointer }) => pointer)].join(' ');
  return fields.filter((field) => !named.includes(field)).length;
};

/** Sends all bodies to a gateway, stops it, and counts what went wrong. */
const measure = async (gateway: Gateway) => {
  const echoed = await sendAll(gateway, 'payment_card', cards);
  const refused = await sendAll(gateway, 'payment_card', cardsOfNobody);
  const broken = await sendAll(gateway, 'cart_line', brokenLines);
  const hopeless = await sendAll(gateway, 'cart_line', hopelessLines);
  const poisoned = await sendAll(gateway, 'message', poisonedMessages);
  const victim = await send(gateway, 'cart_line', JSON.stringify(minusOne));
  const log = await gateway.stop();
  const answered = (answers: typeof echoed) => answers.map(({ text }) => text).join('\n');
  const inClear = (text: string, all: typeof cards) =>
    all.filter(({ number }) => text.includes(number)).length;
  return {
    victim: victim.text,
    echoes: inClear(answered(echoed), cards),
    logs: inClear(log, [...cards, ...cardsOfNobody]),
    repeats: inClear(answered(refused), cardsOfNobody),
    handled: broken.filter(({ isAccepted }) => isAccepted).length,
    unnamed: hopeless.reduce(
      (sum, { text }, index) => sum + unnamed(text, Object.keys(hopelessLines[index] ?? {})),
      0,
    ),
    poisoned: poisoned.filter(({ isAccepted }) => isAccepted).length,
  };
};

export const breakNaive = async (): Promise<Story> => {
  const naive = await measure(await startNaive());
  const ours = await measure(await startSlice(new URL('../src/server.ts', import.meta.url)));
  const { steps } = accepted.parse(JSON.parse(naive.victim));
  const [fault] = refusal.parse(JSON.parse(ours.victim)).errors;
  return {
    victim: {
      given: JSON.stringify(minusOne),
      naive: `200, and the checkout that gets it starts a loop of ${figure(steps)} steps`,
      ours: `400: ${fault?.pointer} ${fault?.detail}`,
    },
    counts: [
      {
        what: `unmasked card numbers in echoes, of ${figure(cards.length)}`,
        naive: naive.echoes,
        ours: ours.echoes,
      },
      {
        what: `unmasked card numbers in the log, of ${figure(cards.length + cardsOfNobody.length)}`,
        naive: naive.logs,
        ours: ours.logs,
      },
      {
        what: `card numbers repeated in an error, of ${cardsOfNobody.length}`,
        naive: naive.repeats,
        ours: ours.repeats,
      },
      {
        what: `invalid cart lines that reach the handler, of ${brokenLines.length}`,
        naive: naive.handled,
        ours: ours.handled,
      },
      {
        what: `faults that the error does not list, of ${3 * hopelessLines.length}`,
        naive: naive.unnamed,
        ours: ours.unnamed,
      },
      {
        what: `bodies with a __proto__ member accepted, of ${poisonedMessages.length}`,
        naive: naive.poisoned,
        ours: ours.poisoned,
      },
    ],
  };
};
