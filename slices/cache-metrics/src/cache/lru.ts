/** Why an entry left: one too many, too large together, or past its time when it was asked for. */
export type EvictionReason = 'entries' | 'bytes' | 'expired';

export interface LruOptions {
  readonly maxEntries: number;
  /** Most bytes of all values together. A value larger than this is not kept. */
  readonly maxBytes: number;
  readonly onEvict: (reason: EvictionReason) => void;
}

interface Node<Value> {
  readonly key: string;
  readonly value: Value;
  readonly bytes: number;
  older: Node<Value> | undefined;
  newer: Node<Value> | undefined;
}

/** Values by key, bounded by count and by bytes: the one that was used longest ago leaves first. */
export const createLru = <Value>({ maxEntries, maxBytes, onEvict }: LruOptions) => {
  const nodes = new Map<string, Node<Value>>();
  let oldest: Node<Value> | undefined;
  let newest: Node<Value> | undefined;
  let bytes = 0;

  const unlink = (node: Node<Value>): void => {
    if (node.older) node.older.newer = node.newer;
    else oldest = node.newer;
    if (node.newer) node.newer.older = node.older;
    else newest = node.older;
  };

  const append = (node: Node<Value>): void => {
    node.older = newest;
    node.newer = undefined;
    if (newest) newest.newer = node;
    else oldest = node;
    newest = node;
  };

  const remove = (node: Node<Value>): void => {
    nodes.delete(node.key);
    unlink(node);
    bytes -= node.bytes;
  };

  const evictWhile = (isTooMuch: () => boolean, reason: EvictionReason): void => {
    while (oldest !== undefined && isTooMuch()) {
      remove(oldest);
      onEvict(reason);
    }
  };

  return {
    get size(): number {
      return nodes.size;
    },
    get bytes(): number {
      return bytes;
    },

    get: (key: string): Value | undefined => {
      const node = nodes.get(key);
      if (node === undefined) return undefined;
      if (node !== newest) {
        unlink(node);
        append(node);
      }
      return node.value;
    },

    set: (key: string, value: Value, size: number): void => {
      const known = nodes.get(key);
      if (known) remove(known);
      if (size > maxBytes) return;
      const node = { key, value, bytes: size, older: undefined, newer: undefined };
      nodes.set(key, node);
      append(node);
      bytes += size;
      evictWhile(() => nodes.size > maxEntries, 'entries');
      evictWhile(() => bytes > maxBytes, 'bytes');
    },

    /** Removes a value, if it is there. It counts as evicted only if a reason is given. */
    delete: (key: string, reason?: EvictionReason): void => {
      const node = nodes.get(key);
      if (node === undefined) return;
      remove(node);
      if (reason) onEvict(reason);
    },

    clear: (): void => {
      nodes.clear();
      [oldest, newest, bytes] = [undefined, undefined, 0];
    },
  };
};
