export interface TestRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `application/json`. */
  readonly json?: unknown;
  /** Sent as it is, under the media type that `headers` give. */
  readonly text?: string;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON of the body, undefined where it holds none. */
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

/** A client of one server: follows no redirect and takes every status for an answer. */
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
