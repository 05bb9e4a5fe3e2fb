import { type Node, parseSync, Visitor } from 'oxc-parser';

export interface Import {
  specifier: string;
  /** `import type` and `export type`, which do not exist at run time. */
  isType: boolean;
}

/** All imports of a module: import statements, re-exports, and `import()` calls with a literal. */
export const importsOf = (text: string): Import[] => {
  const found: Import[] = [];
  const add = (source: Node | null, kind?: string): void => {
    if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
    found.push({ specifier: source.value, isType: kind === 'type' });
  };
  new Visitor({
    ImportDeclaration: ({ source, importKind }) => add(source, importKind),
    ExportNamedDeclaration: ({ source, exportKind }) => add(source, exportKind),
    ExportAllDeclaration: ({ source, exportKind }) => add(source, exportKind),
    ImportExpression: ({ source }) => add(source),
  }).visit(parseSync('module.ts', text).program);
  return found;
};

/** A regular expression literal. */
export interface Pattern {
  line: number;
  source: string;
  flags: string;
}

export const patternsOf = (text: string): Pattern[] => {
  const found: Pattern[] = [];
  new Visitor({
    Literal: (node) => {
      if (!('regex' in node)) return;
      const line = text.slice(0, node.start).split('\n').length;
      found.push({ line, source: node.regex.pattern, flags: node.regex.flags });
    },
  }).visit(parseSync('module.ts', text).program);
  return found;
};
