/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (markdown: string): string => markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');

const anchorsIn = (markdown: string): readonly string[] =>
  [...withoutCode(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/**
 * Relative links of a Markdown text whose file or heading does not exist.
 *
 * @param readTarget the text behind a relative path (`.` for the file itself); undefined where nothing is there
 */
export const brokenLinks = (
  markdown: string,
  readTarget: (path: string) => string | undefined,
): readonly string[] => {
  const targets = [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const text = path === '' ? markdown : readTarget(path);
    if (text === undefined) return true;
    return anchor !== undefined && !anchorsIn(text).includes(anchor);
  });
};
