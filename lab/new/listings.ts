/** The line of a table that the name begins, as `| \`name\` |` or `| [name](...) |`. */
const rowPattern = (name: string): RegExp => new RegExp(`^\\| (?:\`${name}\`|\\[${name}\\]).*\\n`, 'm');

const insertAboveDemo = (markdown: string, row: string, file: string): string => {
  const demo = rowPattern('combined-demo').exec(markdown);
  if (!demo) throw new Error(`${file} has no row of combined-demo to put the new slice above`);
  return `${markdown.slice(0, demo.index)}${row}\n${markdown.slice(demo.index)}`;
};

/** What the tracker calls a slice that it has planned. */
export const plannedTheme = (tracker: string, name: string): string | undefined => {
  const [row] = rowPattern(name).exec(tracker) ?? [];
  return row?.split('|')[2]?.trim();
};

/** TRACKER.md with the slice as started: in its own row where it was planned, else in a new one above the demo's. */
export const trackedAsStarted = (
  tracker: string,
  { name, theme }: { readonly name: string; readonly theme: string },
): string => {
  const [planned] = rowPattern(name).exec(tracker) ?? [];
  if (planned) return tracker.replace(planned, () => planned.replace(/\| planned \|$/m, '| started |'));
  const row = `| \`${name}\` | ${theme} | Store a note once, however often the request is sent | Id chosen by the client, primary key | started |`;
  return insertAboveDemo(tracker, row, 'TRACKER.md');
};

/** README.md with the slice in its table of slices. */
export const listedInReadme = (readme: string, name: string): string => {
  const row = `| [${name}](slices/${name}) | a repeated request stores a second note | id chosen by the client, primary key |`;
  return insertAboveDemo(readme, row, 'README.md');
};
