/** A response parsed from bytes. Header names are in lower case; repeated headers are joined by `, `. */
export interface WireResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** As sent, without chunk framing. */
  readonly body: Buffer;
}

interface Reading {
  /** Called after each head: whether it answers HEAD, and so has no body (RFC 9112, section 6.3). */
  readonly isHead: () => boolean;
  readonly onResponse: (response: WireResponse) => void;
}

type Head = Omit<WireResponse, 'body'>;
type Body = { readonly body: Buffer; readonly rest: Buffer };

const parseHead = (text: string): Head => {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(`${statusLine} `)?.[1];
  if (status === undefined) throw new Error(`not the start of a response: ${statusLine.slice(0, 80)}`);
  return { status: Number(status), headers };
};

/** Undefined until the last chunk has arrived. */
const joinChunks = (bytes: Buffer): Body | undefined => {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    if (bytes.length < next) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(next) };
    parts.push(bytes.subarray(lineEnd + 2, next - 2));
    at = next;
  }
};

/** Splits a stream of bytes into HTTP/1.1 responses, without interim ones (1xx). */
export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0);
  readonly #reading: Reading;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#take(false));
  }

  /** The connection has closed, which ends a body without a declared length. */
  end(): void {
    while (this.#take(true));
  }

  #take(hasEnded: boolean): boolean {
    const headEnd = this.#bytes.indexOf('\r\n\r\n');
    if (headEnd === -1) return false;
    const head = parseHead(this.#bytes.toString('latin1', 0, headEnd));
    const rest = this.#bytes.subarray(headEnd + 4);
    if (head.status < 200) {
      this.#bytes = rest;
      return true;
    }
    const taken = this.#takeBody(head, rest, hasEnded);
    if (!taken) return false;
    this.#bytes = taken.rest;
    this.#reading.onResponse({ ...head, body: taken.body });
    return true;
  }

  #takeBody({ status, headers }: Head, bytes: Buffer, hasEnded: boolean): Body | undefined {
    if (status === 204 || status === 304 || this.#reading.isHead()) {
      return { body: Buffer.alloc(0), rest: bytes };
    }
    if (headers.get('transfer-encoding') === 'chunked') return joinChunks(bytes);
    const length = headers.get('content-length');
    if (length === undefined) return hasEnded ? { body: bytes, rest: Buffer.alloc(0) } : undefined;
    if (bytes.length < Number(length)) return undefined;
    return { body: bytes.subarray(0, Number(length)), rest: bytes.subarray(Number(length)) };
  }
}
