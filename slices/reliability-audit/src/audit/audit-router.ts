import type { Executor } from '@lab/shared/database';
import {
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  defineRoute,
  route,
  serviceUnavailable,
  storableText,
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
import { tag } from '../wrapped/wrapped-contract.ts';
import { type ChainHead, isoTime } from './audit-chain.ts';
import { type ListedEntry, listEntries, newestFirst } from './audit-list.ts';
import type { AuditTables } from './audit-statements.ts';
import { countUnsealed, verifyChain } from './audit-verify.ts';
import { type HeadFile, HeadFileError } from './head-file.ts';

export interface AuditRouterDeps {
  readonly db: Executor<AuditTables>;
  readonly cursors: Cursors;
  readonly callers: Callers;
  /** Its head is part of each verification. */
  readonly headFile?: HeadFile | undefined;
}

const hashText = z.string().regex(/^[\da-f]{64}$/, 'must be 64 hexadecimal digits in lower case');
const outcome = z.enum(['started', 'succeeded', 'failed', 'unknown']);
const count = z.int().nonnegative().nullable();

const entrySchema = z
  .strictObject({
    seq: z.int().positive().nullable().meta({ description: 'Null until the entry is sealed' }),
    id: z.string(),
    at: z.iso.datetime({ precision: 3 }),
    actor: z.string(),
    action: z.string(),
    resource: z.string().meta({ description: 'The path, without its query' }),
    outcome: outcome.meta({ description: '`unknown` where the process died before the outcome was stored' }),
    status: count,
    attempts: count,
    duration_ms: count,
    request_id: z.string(),
    trace_id: z.string(),
    prev_hash: hashText.nullable(),
    hash: hashText.nullable(),
  })
  .meta({
    id: 'reliability-audit.Entry',
    example: {
      seq: 1,
      id: '019a0000-0000-7000-8000-000000000001',
      at: '2026-11-20T12:00:00.000Z',
      actor: 'shopper:1',
      action: 'addCartItem',
      resource: '/carts/me/items',
      outcome: 'succeeded',
      status: 201,
      attempts: 1,
      duration_ms: 4,
      request_id: '019a0000-0000-7000-8000-000000000002',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      prev_hash: '0'.repeat(64),
      hash: 'f3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  });

const listAudit = defineRoute({
  method: 'GET',
  path: '/audit',
  name: 'listAudit',
  summary: 'List audit entries, newest first',
  tag,
  caller: 'operator',
  permission: 'audit:read',
  query: z.strictObject({
    ...listQuery,
    actor: storableText(1, 64)
      .optional()
      .meta({ description: 'Who acted: `shopper:1`, `operator` or `anonymous`', examples: ['shopper:1'] }),
    request_id: z
      .string()
      .regex(/^[\w.-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores')
      .optional()
      .meta({ description: '`X-Request-Id` of the answer' }),
    outcome: outcome.optional(),
  }),
  responses: { 200: pageResponse(entrySchema, 'A page of audit entries') },
  problems: [...listProblems, serviceUnavailable],
});

const verifyAudit = defineRoute({
  method: 'GET',
  path: '/audit/verify',
  name: 'verifyAudit',
  summary: 'Check that no sealed entry was changed, deleted, inserted or moved',
  description:
    'Reads the whole chain. With `head` and `entries` of an earlier answer, which you have kept elsewhere, it also finds a tail that was cut or computed anew.',
  tag,
  caller: 'operator',
  permission: 'audit:read',
  query: z
    .strictObject({
      head: hashText.optional().meta({ description: '`head` of an earlier answer' }),
      entries: z
        .string()
        .regex(/^\d{1,15}$/, 'must be a whole number')
        .transform(Number)
        .optional()
        .meta({ description: '`entries` of that answer' }),
    })
    .refine(({ head, entries }) => (head === undefined) === (entries === undefined), {
      error: 'must be given together with the other of head and entries',
      path: ['head'],
    }),
  responses: {
    200: {
      description: 'The verdict',
      body: z
        .discriminatedUnion('ok', [
          z.strictObject({
            ok: z.literal(true),
            entries: z.int().nonnegative().meta({ description: 'Number of sealed entries' }),
            head: hashText.meta({ description: 'Hash of the last one. Keep it elsewhere' }),
            unsealed: z.int().nonnegative(),
          }),
          z.strictObject({ ok: z.literal(false), first_bad_seq: z.int().positive() }),
        ])
        .meta({
          id: 'reliability-audit.Verdict',
          example: { ok: true, entries: 0, head: '0'.repeat(64), unsealed: 0 },
        }),
    },
  },
  problems: [serviceUnavailable],
});

const toJson = ({ at, ...entry }: ListedEntry): z.output<typeof entrySchema> => ({
  seq: entry.seq,
  id: entry.id,
  at: isoTime(at),
  actor: entry.actor,
  action: entry.action,
  resource: entry.resource,
  outcome: entry.outcome,
  status: entry.status,
  attempts: entry.attempts,
  duration_ms: entry.duration_ms,
  request_id: entry.request_id,
  trace_id: entry.trace_id,
  prev_hash: entry.prev_hash,
  hash: entry.hash,
});

/** Reads the file of the head. A file that someone else has written proves nothing about the end of the chain. */
const readKept = async (headFile: HeadFile | undefined): Promise<ChainHead | 'forged' | undefined> => {
  try {
    return await headFile?.read();
  } catch (error) {
    if (error instanceof HeadFileError) return 'forged';
    throw error;
  }
};

/** The routes of the audit trail, for operators. */
export const createAuditRouter = ({ db, cursors, callers, headFile }: AuditRouterDeps): ContractRouter => {
  const list = route(listAudit).handle(async (req) => {
    const { limit, cursor, ...filters } = req.query;
    const page = await readPage(
      { limit, cursor },
      {
        cursors,
        keyset: newestFirst,
        binding: filters,
        fetch: (count, after) => listEntries(db, filters, { count, after }),
        toItem: toJson,
      },
    );
    return pageReply(req, page);
  });

  const verify = route(verifyAudit).handle(async (req, res) => {
    const { head: hash, entries: seq } = req.query;
    const inFile = await readKept(headFile);
    const given = hash !== undefined && seq !== undefined ? [{ seq, hash }] : [];
    const kept = typeof inFile === 'object' ? [...given, inFile] : given;
    const verdict = await verifyChain(db, { kept, signal: contextOf(req, res).signal });
    if (!verdict.ok) return { status: 200, body: { ok: false, first_bad_seq: verdict.firstBadSeq } };
    const { head } = verdict;
    if (inFile === 'forged') return { status: 200, body: { ok: false, first_bad_seq: head.seq + 1 } };
    const unsealed = await countUnsealed(db);
    return { status: 200, body: { ok: true, entries: head.seq, head: head.hash, unsealed } };
  });

  return createRouter([list, verify], { callers });
};
