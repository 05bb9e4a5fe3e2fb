/** The commands that a README shows, and their output: of each ```console block, the line after `$ ` and the rest. */
export const consoleBlocks = (markdown: string): readonly { command: string; output: string }[] =>
  [...markdown.matchAll(/```console\n\$ (.+)\n([\s\S]*?)```/g)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));

/** The curl commands in the ```sh blocks of a README. */
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
