'use strict';

/**
 * Loaded by a child before its program (programs.cjs). A parent that is killed sends no signal, but its end of
 * the channel closes.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// An open channel must not keep a finished program alive.
process.channel.unref();
