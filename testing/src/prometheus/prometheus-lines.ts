/** One value of one series: a line of the text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/y;
const sampleLine = /^([^\s{]+)(?:\{(.*)\})? (\S+)(?: (-?\d+))?$/;
const numberText = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;

const parseNumber = (text: string): number => {
  if (!numberText.test(text)) throw new Error(`not a number: ${text}`);
  return text.endsWith('Inf') ? Number(`${text.slice(0, 1)}Infinity`) : Number(text);
};

const unescapeLabel = (text: string): string =>
  text.replaceAll(/\\([\\n"])/g, (_, char: string) => (char === 'n' ? '\n' : char));

const parseLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (labelPair.lastIndex = 0; labelPair.lastIndex < text.length; ) {
    const [, name, value] = labelPair.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`malformed labels: ${text}`);
    if (name in labels) throw new Error(`the label ${name} appears twice`);
    if (name.startsWith('__')) throw new Error(`the label ${name} is reserved`);
    labels[name] = unescapeLabel(value);
  }
  return labels;
};

/** Throws an Error that says what is wrong with the line. */
export const parseSample = (line: string): Sample => {
  const [, name, labels = '', value] = sampleLine.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error('not a sample');
  if (!metricName.test(name)) throw new Error(`not a metric name: ${name}`);
  return { name, labels: parseLabels(labels), value: parseNumber(value) };
};
