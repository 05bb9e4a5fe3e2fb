/**
 * The settings of a task: the environment, overridden by `NAME=value` arguments. Make passes its variables in the
 * environment; with pnpm they are arguments (`pnpm run test slice=echo-gateway`).
 */
export const readSettings = (args: readonly string[], environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const settings = { ...environment };
  for (const argument of args) {
    const [, name, value] = /^(\w+)=(.*)$/s.exec(argument) ?? [];
    if (name === undefined) throw new Error(`Expected NAME=value, got "${argument}"`);
    settings[name] = value;
  }
  return settings;
};

export const settings = readSettings(process.argv.slice(2), process.env);
