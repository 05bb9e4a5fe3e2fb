const words = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan']);

/** The metrics that a PromQL query names, in order. Enough of the grammar for the queries in ops/. */
export const metricsIn = (query: string): string[] => {
  const bare = query
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:])(?!\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !words.has(name));
};
