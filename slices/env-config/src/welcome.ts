/**
 * Problem: code that fetches its own collaborators (a clock, a flag client, a greeter) cannot be given others in a test.
 * Guarantees: everything that `createWelcome` uses is in its parameter; a test or another server passes what it likes.
 * Does NOT guarantee: that parts fit together at run time beyond their types. The composition root is where they meet.
 */
import { type ContractRouter, createRouter, defineRoute, route, storableText } from '@lab/shared/http';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { FlagPort } from './flags/flags.ts';
import { tag } from './flags/router.ts';

/** A part of the welcome: says hello to a user, or to someone unknown. */
export type Greeter = (user: string | undefined) => string;

export const plainGreeter: Greeter = (user) => (user === undefined ? 'Welcome!' : `Welcome, ${user}!`);

/** Greets by the time of day, in UTC. */
export const createTimeOfDayGreeter =
  ({ now }: { readonly now: () => Date }): Greeter =>
  (user) => {
    const hour = now().getUTCHours();
    const part = hour < 5 || hour >= 22 ? 'Good night' : hour < 12 ? 'Good morning' : 'Good day';
    return user === undefined ? `${part}!` : `${part}, ${user}!`;
  };

export interface WelcomeDeps {
  readonly flags: FlagPort;
  readonly greeters: { readonly plain: Greeter; readonly byTimeOfDay: Greeter };
  /** The line under the greeting. */
  readonly offer: () => string;
}

const welcome = defineRoute({
  method: 'GET',
  path: '/welcome',
  name: 'readWelcome',
  summary: 'A greeting whose parts are switched by flags',
  tag,
  query: z.strictObject({
    user: storableText(1, 64).optional().meta({ description: 'Id of the user to greet', example: '42' }),
  }),
  responses: {
    200: {
      description: 'The greeting; `offer` is null where the flag `welcome_offer` is off',
      body: z
        .strictObject({
          greeting: z.string(),
          greeter: z.enum(['plain', 'time_of_day']),
          offer: z.string().nullable(),
        })
        .meta({
          id: 'env-config.Welcome',
          example: { greeting: 'Good morning, 42!', greeter: 'time_of_day', offer: 'Free shipping from $50' },
        }),
    },
  },
});

/** The composed welcome: asks the flags which parts to use. */
export const createWelcome =
  ({ flags, greeters, offer }: WelcomeDeps) =>
  async (user: string | undefined) => {
    const isByTime = await flags.isOn('welcome_by_time_of_day', user);
    const hasOffer = await flags.isOn('welcome_offer', user);
    return {
      greeting: (isByTime ? greeters.byTimeOfDay : greeters.plain)(user),
      greeter: isByTime ? ('time_of_day' as const) : ('plain' as const),
      offer: hasOffer ? offer() : null,
    };
  };

/** @param perRequest keeps the flags as they are until the request is answered */
export const createWelcomeRouter = (
  deps: WelcomeDeps,
  { perRequest }: { readonly perRequest: RequestHandler },
): ContractRouter => {
  const greet = createWelcome(deps);
  return createRouter([
    route(welcome, perRequest).handle(async ({ query }) => ({ status: 200, body: await greet(query.user) })),
  ]);
};
