import { type GiftTables, giftFromRow, giftSchema, giftToJson } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import {
  type ContractRouter,
  createRouter,
  defineRoute,
  forbidden,
  ProblemError,
  route,
  serviceUnavailable,
  storableText,
  type Tag,
} from '@lab/shared/http';
import {
  type Cursors,
  listProblems,
  listQuery,
  pageReply,
  pageResponse,
  readPage,
} from '@lab/shared/pagination';
import { z } from 'zod';
import { giftPage, newestFirst } from './gift-list.ts';

export interface GiftHistoryDeps {
  readonly db: Executor<GiftTables>;
  readonly cursors: Cursors;
}

export const tag: Tag = {
  name: 'gift-history',
  description:
    'Lists gifts, newest first. Reading all pages neither repeats nor skips a gift, even while gifts are granted, and a page costs the same at any depth.',
};

const notATime =
  'must be an ISO 8601 time with an offset, such as 2026-11-20T12:00:00Z (in a URL, write + as %2B)';

/** Gifts have times in milliseconds, so a bound between two milliseconds is rounded up to the next one. */
const instant = (text: string): Date => new Date(Date.parse(text) + (/\.\d{3}\d*[1-9]/.test(text) ? 1 : 0));

const time = (description: string) =>
  z.iso
    .datetime({ offset: true, error: ({ code }) => (code === 'invalid_format' ? notATime : undefined) })
    .transform(instant)
    .meta({ description })
    .optional();

const listGifts = defineRoute({
  method: 'GET',
  path: '/gifts',
  name: 'listGifts',
  summary: 'List gifts, newest first',
  tag,
  query: z.strictObject({
    ...listQuery,
    user_id: storableText(1, 64)
      .optional()
      .meta({ description: 'Gifts of this user', examples: ['1'] }),
    status: giftSchema.shape.status.optional(),
    from: time('Granted at this time or later'),
    to: time('Granted before this time'),
  }),
  responses: { 200: pageResponse(giftSchema, 'A page of gifts') },
  problems: [...listProblems, serviceUnavailable],
});

/**
 * The routes of gift-history. On their own they show all gifts to anyone. With `requireCaller`, shoppers see only their
 * own gifts and operators see all of them.
 */
export const createGiftHistoryRouter = ({ db, cursors }: GiftHistoryDeps): ContractRouter => {
  const list = route(listGifts).handle(async (req) => {
    const { user_id: userId, status, from, to } = req.query;
    const owner = req.caller?.role === 'shopper' ? String(req.caller.userId) : undefined;
    if (owner !== undefined && userId !== undefined && userId !== owner) {
      throw new ProblemError(forbidden, { detail: 'Shoppers can only see their own gifts.' });
    }
    const filters = { owner, userId, status, from, to };
    const page = await readPage(req.query, {
      cursors,
      keyset: newestFirst,
      binding: { ...filters, from: from?.getTime(), to: to?.getTime() },
      fetch: (count, after) => giftPage(db, filters, { count, after }).execute(),
      toItem: (row) => giftToJson(giftFromRow(row)),
    });
    return pageReply(req, page);
  });

  return createRouter([list]);
};
