/**
 * Prints which of the house's laws a piece of code breaks at a path, as eslint.config.mjs would say for that
 * path. A program of its own, because the configuration is an ES module. Argument: JSON [{ "path", "code" }];
 * answer: { laws, seen }.
 */
import { ESLint, Linter } from 'eslint';
import { LAWS } from '../../../eslint.config.mjs';

const eslint = new ESLint();
const linter = new Linter();
const seen = [];

for (const { path, code } of JSON.parse(process.argv[2])) {
  const { plugins, languageOptions, rules } = await eslint.calculateConfigForFile(path);
  // The laws need no types, and a sample is no file that the type checker knows.
  const parserOptions = { ...languageOptions.parserOptions, projectService: false };
  const ours = Object.fromEntries(Object.entries(rules).filter(([name]) => name.startsWith('house/')));
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { house: plugins.house },
        languageOptions: { ...languageOptions, parserOptions },
        rules: ours,
      },
    ],
    path,
  );
  seen.push(messages.map(({ ruleId, message }) => ruleId?.replace('house/', '') ?? message));
}

process.stdout.write(JSON.stringify({ laws: Object.keys(LAWS), seen }));
