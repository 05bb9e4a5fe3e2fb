/** What a README shows as run: the command behind `$ ` and its output, of each ```console block. */
export const consoleBlocks = (markdown: string): readonly { command: string; output: string }[] =>
  [...markdown.matchAll(/```console\n\$ (.+)\n([\s\S]*?)```/g)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));

/** The curl commands that a README offers for pasting, of its ```sh blocks. */
export const curlCommands = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('curl ')),
  );

const entities: Readonly<Record<string, string>> = {
  '&#39;': "'",
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

/** The curl commands of a server's front page, as a browser shows them. */
export const frontPageCurls = (html: string): string[] =>
  [...html.matchAll(/<pre><code>(curl [^<]*)<\/code><\/pre>/g)].map(([, curl = '']) =>
    curl.replaceAll(/&[#\w]+;/g, (entity) => entities[entity] ?? entity),
  );
