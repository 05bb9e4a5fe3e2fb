export interface TrackedBranch {
  branch: string;
  theme: string;
  status: string;
}

/** The rows of the table in TRACKER.md: Branch | Project theme | Core use case | Key concepts | Status. */
export const trackedBranches = (markdown: string): TrackedBranch[] => {
  return [...markdown.matchAll(/^\| `([^`]+)` \|(.+)\|$/gm)].map(([, branch = '', rest = '']) => {
    const cells = rest.split('|').map((cell) => cell.trim());
    return { branch, theme: cells.at(0) ?? '', status: cells.at(-1) ?? '' };
  });
};

/** @param existing the existing branches, slices and combined-demo, with their themes */
export const trackerFaults = (
  tracked: TrackedBranch[],
  existing: { id: string; theme: string }[],
): string[] => {
  const faults = existing
    .filter(({ id }) => !tracked.some(({ branch }) => branch === id))
    .map(({ id }) => `${id} is not listed`);
  for (const { branch, theme, status } of tracked) {
    const found = existing.find(({ id }) => id === branch);
    const expected = found ? ['started', 'done'] : ['planned'];
    if (!expected.includes(status)) faults.push(`${branch} is ${status}, not ${expected.join(' or ')}`);
    if (found && found.theme !== theme)
      faults.push(`${branch} calls itself "${found.theme}", not "${theme}"`);
    if (tracked.filter((one) => one.branch === branch).length > 1) faults.push(`${branch} is listed twice`);
  }
  return faults;
};
