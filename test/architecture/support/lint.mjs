/**
 * Prints which rules of the project a piece of code violates at a path, with the configuration of
 * eslint.config.mjs for that path. A program of its own, because the configuration is an ES module. Argument:
 * JSON [{ "path", "code" }]; output: JSON { laws, seen }.
 */
import { ESLint, Linter } from 'eslint';
import { LAWS } from '../../../eslint.config.mjs';

const eslint = new ESLint();
const linter = new Linter();
const seen = [];

for (const { path, code } of JSON.parse(process.argv[2])) {
  const { plugins, languageOptions, rules } = await eslint.calculateConfigForFile(path);
  // The rules need no types, and the type checker has no such file.
  const parserOptions = { ...languageOptions.parserOptions, projectService: false };
  const ours = Object.fromEntries(Object.entries(rules).filter(([name]) => name.startsWith('project/')));
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { project: plugins.project },
        languageOptions: { ...languageOptions, parserOptions },
        rules: ours,
      },
    ],
    path,
  );
  seen.push(messages.map(({ ruleId, message }) => ruleId?.replace('project/', '') ?? message));
}

process.stdout.write(JSON.stringify({ laws: Object.keys(LAWS), seen }));
