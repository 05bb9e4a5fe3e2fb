import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tagOf } from '@lab/shared/http';
import { eachDatabase, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { alice, openDemo, operator } from './demo-app.ts';
import {
  type Answers,
  type Ask,
  bodiesFromRequests,
  fromEarlierAnswers,
  idsFromRequests,
} from './example-requests.ts';

const run = promisify(execFile);

const openSeeded = async (url = 'sqlite::memory:') => (await openDemo(url, { SEED_GIFTS: 'on' })).app;

type App = Awaited<ReturnType<typeof openSeeded>>;

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly example?: unknown;
  readonly schema: { readonly example?: unknown; readonly default?: unknown };
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly example?: unknown }> }>;
  readonly security: readonly Record<string, unknown>[];
}

/** The operations in the order of the OpenAPI document. */
const operationsOf = (app: App): readonly Operation[] => {
  const { paths }: { paths: Record<string, Record<string, Operation>> } = JSON.parse(
    JSON.stringify(app.openApi),
  );
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      path,
      method: method.toUpperCase(),
    })),
  );
};

const credentials: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shopperToken: alice,
  operatorToken: operator,
};

/** What the API explorer fills in: the example or else the default. A parameter with neither is left out. */
const filledIn = ({ parameters = [] }: Operation, place: string): [string, string][] =>
  parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, example, schema }): [string, unknown] => [
      name,
      example ?? schema.example ?? schema.default,
    ])
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);

const requestOf = async (operation: Operation, answers: Answers, ask: Ask) => {
  const id = await idsFromRequests[operation.operationId]?.(ask);
  const given = id === undefined ? fromEarlierAnswers[operation.operationId]?.(answers) : { id };
  const params = new Map(Object.entries(given ?? Object.fromEntries(filledIn(operation, 'path'))));
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params.get(name) ?? '');
  const headers = Object.assign(
    Object.fromEntries(filledIn(operation, 'header')),
    ...operation.security.flatMap((each) => Object.keys(each).map((name) => credentials[name] ?? {})),
  );
  const example = operation.requestBody?.content['application/json']?.example;
  const body = await bodiesFromRequests[operation.operationId]?.(ask);
  const json = body === undefined ? example : Object.assign({}, example, body);
  return { target: `${path}?${new URLSearchParams(filledIn(operation, 'query'))}`, headers, json };
};

/** Only the provider can sign what it sends. */
const signed = 'receivePaymentEvent';

/** Executes all operations in order with their examples, and collects the answers. */
const executeAll = async (app: App) => {
  const { request } = await startApp(app);
  const answers = new Map<string, unknown>();
  const executed: { operation: Operation; status: number; requestId: string | null }[] = [];
  for (const operation of operationsOf(app).filter(({ operationId }) => operationId !== signed)) {
    const { target, ...rest } = await requestOf(operation, answers, request);
    const { status, headers, body } = await request(operation.method, target, rest);
    answers.set(operation.operationId, body);
    executed.push({ operation, status, requestId: headers.get('x-request-id') });
  }
  return { answers, executed, request };
};

const successOf = ({ responses }: Operation): string | undefined =>
  Object.keys(responses).find((status) => status.startsWith('2'));

describe('the examples of the document', () => {
  test('make every operation succeed, in order and with the demo tokens', async () => {
    const { executed } = await executeAll(await openSeeded());
    const failed = executed.filter(({ operation, status }) => String(status) !== successOf(operation));
    expect(failed.map(({ operation, status }) => `${operation.operationId}: ${status}`)).toEqual([]);
    expect(executed.length).toBeGreaterThan(15);
  });

  test('exist for all answers, and equal the real answers where these are constant', async () => {
    const app = await openSeeded();
    const { answers } = await executeAll(app);
    const missing: string[] = [];
    for (const operation of operationsOf(app).filter(({ tags }) => !tags.includes('system'))) {
      const { content } = operation.responses[successOf(operation) ?? ''] ?? {};
      if (content === undefined) continue;
      const example = Object.values(content)[0]?.example;
      if (example === undefined) missing.push(operation.operationId);
      const isConstant = ['listSchemas', 'readSchema', 'readProduct', 'quoteCart'].includes(
        operation.operationId,
      );
      if (isConstant) expect(answers.get(operation.operationId)).toEqual(example);
    }
    expect(missing).toEqual([]);
  });

  test('match the documented schemas of the answers', async () => {
    for (const { name, responses } of (await openSeeded()).contracts) {
      for (const { body, example } of Object.values(responses)) {
        if (example !== undefined) expect(body?.safeParse(example).error, name).toBeUndefined();
      }
    }
  });

  test('do not use the bounds of number types', async () => {
    const { paths } = (await openSeeded()).openApi;
    expect(JSON.stringify(paths)).not.toMatch(/"(?:example|default)":"?9007199254740991/);
  });
});

// The token of the examples has no session that could end. Of all others a write is expected, and an entry is only left by a write that is made in a transaction.
const writesNothing = ['echoMessage', 'echoBySchema', 'quoteCart', 'endCurrentSession'];

/** The action of the entry that an operation leaves; undefined if it leaves none. */
const actionOf = ({ operationId, method }: Operation): string | undefined => {
  if (operationId.startsWith('callUpstream')) return `call ${method}`;
  return method === 'GET' || writesNothing.includes(operationId) ? undefined : operationId;
};

/** Whatever operators change must be on record, wherever it is kept. */
const isForOperators = ({ method, security }: Operation): boolean =>
  method !== 'GET' && security.some((each) => 'operatorToken' in each);

eachDatabase((engine) => {
  test('each operation that writes leaves one audit entry, with its answer', async () => {
    const { executed, request } = await executeAll(await openSeeded((await engine.open()).url));
    const entriesOf = async (id: string | null): Promise<readonly string[]> => {
      const { body } = await request('GET', `/audit?request_id=${id}`, { headers: operator });
      const { items } = body as { items: { action: string; outcome: string; status: number }[] };
      return items.map(({ action, outcome, status }) => `${action} ${outcome} ${status}`);
    };
    const differences = async () => {
      const found: string[] = [];
      for (const { operation, status, requestId } of executed) {
        const action = actionOf(operation);
        const wanted = action === undefined ? '' : `${action} succeeded ${status}`;
        const entries = (await entriesOf(requestId)).join();
        if (entries !== wanted) found.push(`${operation.operationId}: "${entries}" instead of "${wanted}"`);
      }
      return found;
    };
    await expect.poll(differences, { timeout: 10_000 }).toEqual([]);
    const byOperators = executed.filter(({ operation }) => isForOperators(operation));
    expect(byOperators.length).toBeGreaterThan(5);
    expect(byOperators.filter(({ operation }) => actionOf(operation) === undefined)).toEqual([]);
  }, 60_000);
});

test('every tag has a description', async () => {
  for (const { name, description } of (await openSeeded()).openApi.tags ?? []) {
    expect(description, name).not.toBe(`Routes of ${name}`);
  }
});

/** Routes whose ids and tokens only an earlier answer has. */
const followsAnswer =
  /\/reservations\/0|\/orders\/0|\/payments(?!\/ledger)|\/carts\/me\/items\/|\/promo\/redemptions\/|\/accounts\/verify|\/sessions\/refresh|\/password-resets\/confirm|\/sessions\/0|\/addresses\/0/;

describe('the front page', () => {
  const unescapeHtml = (html: string): string =>
    html
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');

  const curlsOf = (html: string): string[] =>
    [...html.matchAll(/<pre><code>(curl [^<]*)<\/code><\/pre>/g)].map(([, curl = '']) => unescapeHtml(curl));

  test('has a curl command for every route, and they work when pasted', async () => {
    const app = await openSeeded();
    const { request, url } = await startApp(app);
    const curls = curlsOf((await request('GET', '/')).text);
    expect(curls).toHaveLength(app.contracts.filter((each) => tagOf(each).name !== 'system').length);
    for (const curl of curls.filter((each) => !followsAnswer.test(each))) {
      const pasted = `${curl.replace('http://lab.test', url)} --silent --show-error --fail --output /dev/null`;
      await expect(run('bash', ['-c', pasted]), curl).resolves.toBeDefined();
    }
  });
});
