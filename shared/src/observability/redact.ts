import { describeError } from './describe-error.ts';

// Names that end like these count too: `x-admin-token`, `AUTH_TOKENS`, `clientSecret`, `password_hash`.
const secretName =
  /(?:authorization|cookie|password|passwd|passphrase|token|secret|credential|card[-_ ]?number|cvc|cvv|(?:api|access|private|secret)[-_ ]?key|session[-_ ]?id)s?(?:[-_ ]?hash)?$/i;

const mostLevels = 10;
const mostValues = 1000;

/** Copies one log line, up to a limit. */
class Redaction {
  #left = mostValues;
  readonly #ancestors: object[] = [];

  copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (this.#ancestors.includes(value)) return '[circular]';
    if (this.#ancestors.length >= mostLevels) return '[too deep]';
    this.#ancestors.push(value);
    try {
      return this.#copyObject(value);
    } catch {
      return '[unreadable]';
    } finally {
      this.#ancestors.pop();
    }
  }

  #copyObject(value: object): unknown {
    if (value instanceof Error) return describeError(value);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.copy(value.toJSON());
    return Array.isArray(value) ? this.#copyList(value) : this.#copyFields(value);
  }

  #copyList(list: readonly unknown[]): unknown[] {
    const copy: unknown[] = [];
    for (const value of list) {
      if (this.#isSpent()) return [...copy, '[left out]'];
      copy.push(this.copy(value));
    }
    return copy;
  }

  #copyFields(fields: object): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(fields)) {
      if (this.#isSpent()) {
        copy['...'] = '[left out]';
        break;
      }
      copy[name] = secretName.test(name) ? '[redacted]' : this.#copyField(fields, name);
    }
    return copy;
  }

  /** If a getter throws, only its own field is lost. */
  #copyField(fields: object, name: string): unknown {
    try {
      return this.copy(Reflect.get(fields, name));
    } catch {
      return '[unreadable]';
    }
  }

  #isSpent(): boolean {
    this.#left -= 1;
    return this.#left < 0;
  }
}

/**
 * A copy of what is to be logged, in which every field with the name of a secret is replaced, at any depth. Only names
 * are checked: a secret in a message or under another name is not found. The copy is limited in depth and size, and
 * never fails.
 */
export const redact = (fields: object): Record<string, unknown> => {
  const copy = new Redaction().copy(fields);
  return typeof copy === 'object' ? { ...copy } : { fields: copy };
};
