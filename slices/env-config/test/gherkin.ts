/** One scenario of a feature file, with the values of its outline filled in. */
export interface Scenario {
  readonly name: string;
  readonly tags: readonly string[];
  readonly steps: readonly Step[];
}

export interface Step {
  readonly text: string;
  /** The rows of the table under the step. */
  readonly table: readonly (readonly string[])[];
}

interface Outline {
  readonly name: string;
  readonly tags: readonly string[];
  readonly steps: { text: string; table: string[][] }[];
  readonly examples: string[][][];
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim().replaceAll('\\"', '"'));

/** Fills the cells of one row into `<name>` of the steps. */
const filled = (
  { name, tags, steps }: Outline,
  header: readonly string[],
  row: readonly string[],
): Scenario => {
  const fill = (text: string) =>
    header.reduce((done, column, index) => done.replaceAll(`<${column}>`, row[index] ?? ''), text);
  return {
    name: `${name} (${row.join(', ')})`,
    tags,
    steps: steps.map(({ text, table }) => ({ text: fill(text), table })),
  };
};

const scenariosOf = (outline: Outline): readonly Scenario[] =>
  outline.examples.length === 0
    ? [outline]
    : outline.examples.flatMap(([header = [], ...rows]) => rows.map((row) => filled(outline, header, row)));

/**
 * Reads the part of Gherkin that OpenFeature's features use: background, scenarios, outlines with examples, tables and
 * tags. The steps of the background come first in every scenario.
 */
export const readFeature = (text: string): readonly Scenario[] => {
  const background: Outline = { name: '', tags: [], steps: [], examples: [] };
  const outlines: Outline[] = [];
  let current = background;
  let tags: string[] = [];
  let isExample = false;
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, keyword = '', rest = ''] =
      /^(Scenario Outline|Scenario|Examples|Given|When|Then|And)\b:? ?(.*)$/.exec(line) ?? [];
    if (line.startsWith('@')) tags.push(...line.split(/\s+/));
    else if (keyword.startsWith('Scenario')) {
      current = { name: rest, tags, steps: [...background.steps], examples: [] };
      outlines.push(current);
    } else if (keyword === 'Examples') current.examples.push([]);
    else if (keyword !== '') current.steps.push({ text: rest, table: [] });
    else if (line.startsWith('|')) {
      const rows = isExample ? current.examples.at(-1) : current.steps.at(-1)?.table;
      rows?.push(cellsOf(line));
    }
    if (keyword !== '') {
      isExample = keyword === 'Examples';
      tags = [];
    }
  }
  return outlines.flatMap(scenariosOf);
};
