export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/json`. */
  readonly json?: unknown;
  /** Sent unchanged, with the media type in `headers`. */
  readonly text?: string;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined if it is not JSON. */
  readonly body: unknown;
}

export type SendRequest = (method: string, path: string, request?: TestRequest) => Promise<TestResponse>;

const parse = (type: string | null, text: string): unknown => {
  if (!/[/+]json\b/.test(type ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A client of one server. It follows no redirects, and no status is an error. */
export const createTestClient =
  (url: string): SendRequest =>
  async (method, path, { headers, json, text } = {}) => {
    const body = json === undefined ? text : JSON.stringify(json);
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(json !== undefined && { 'Content-Type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    });
    const received = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text: received,
      body: parse(response.headers.get('content-type'), received),
    };
  };
