/**
 * `npm run build`: compiles src to dist when the sources have changed. Types are checked by lint.
 */
import install from './lib/install.cjs';

try {
  install.ensureInstalled();
  install.ensureBuilt();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
