/** What an operation of the provider gets, and what it answers, in Stripe's shapes. */
export interface Call {
  readonly params: URLSearchParams;
  readonly key: string | null;
  readonly now: Date;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });

export const failure = (status: number, error: Record<string, unknown>): Answer => ({
  status,
  body: { error: { type: 'invalid_request_error', ...error } },
});

export const missing = (param: string): Answer =>
  failure(param === 'payment_method' ? 400 : 404, {
    code: 'resource_missing',
    param,
    message: `No such ${param}`,
  });

export const metadataOf = (params: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    [...params].flatMap(([name, value]) => {
      const [, member] = /^metadata\[(\w+)\]$/.exec(name) ?? [];
      return member === undefined ? [] : [[member, value]];
    }),
  );

export const wholeAmount = (text: string | null): number | undefined =>
  text !== null && /^[1-9]\d{0,7}$/.test(text) ? Number(text) : undefined;
