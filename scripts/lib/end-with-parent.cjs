'use strict';

/**
 * Loaded by a child before its program (programs.cjs). A parent that is killed tells nobody, but its end of
 * the channel closes.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// The channel itself must not keep a program alive that has finished.
process.channel.unref();
