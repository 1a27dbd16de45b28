/**
 * Cruises several trees with the project's own rules and prints what breaks which rule, by tree. A program of
 * its own, because dependency-cruiser is an ES module that Jest's loader on Node 20 cannot take. Argument:
 * JSON [{ "name", "dir" }].
 */
import { cruise } from 'dependency-cruiser';
import config from '../../../.dependency-cruiser.js';

const { options, ...ruleSet } = config;
const violations = {};

for (const { name, dir } of JSON.parse(process.argv[2])) {
  const { output } = await cruise(['src'], { ...options, baseDir: dir, validate: true, ruleSet });
  violations[name] = output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}

process.stdout.write(JSON.stringify(violations));
