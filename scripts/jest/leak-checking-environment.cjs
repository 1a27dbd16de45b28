'use strict';

const { TestEnvironment } = require('jest-environment-node');
const { setImmediate: nextTick, setTimeout: delay } = require('node:timers/promises');

/** Resources that keep a process alive and that a test file may fail to close; the names are Node's own. */
const WATCHED = [
  'Timeout',
  'TCPSocketWrap',
  'TCPServerWrap',
  'PipeWrap',
  'ProcessWrap',
  'FSEventWrap',
  'Worker',
];

/**
 * A socket that was just destroyed is counted for a tick or two of the event loop.
 */
const GRACE_MS = 2_000;

function activeResources() {
  const counts = new Map(WATCHED.map((type) => [type, 0]));
  for (const type of process.getActiveResourcesInfo()) {
    if (counts.has(type)) counts.set(type, counts.get(type) + 1);
  }
  return counts;
}

function added(before, now) {
  return WATCHED.filter((type) => now.get(type) > before.get(type)).map(
    (type) => `${now.get(type) - before.get(type)} × ${type}`,
  );
}

/**
 * Fails a test file that ends with a timer, a connection, a server or a process of its own still alive.
 * Jest's --detectOpenHandles only prints, and forces everything into one process.
 */
class LeakCheckingEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.timeoutMs = config.projectConfig.testEnvironmentOptions.timeoutMs;
  }

  async handleTestEvent(event, state) {
    if (event.name === 'setup') {
      // Jest has only one testTimeout for all projects.
      if (this.timeoutMs) state.testTimeout = this.timeoutMs;
      this.before = activeResources();
    }
    // An error thrown here would hide what the tests themselves reported.
    if (event.name === 'run_finish') state.unhandledErrors.push(...(await this.leaks()));
  }

  async leaks() {
    // What a test began may become a handle only in the next tick of the event loop.
    await nextTick();
    const deadline = Date.now() + GRACE_MS;
    let left = added(this.before, activeResources());
    while (left.length > 0 && Date.now() < deadline) {
      await delay(20);
      left = added(this.before, activeResources());
    }
    if (left.length === 0) return [];
    const error = new Error(
      `This test file left something open: ${left.join(', ')}. Close it in afterEach or afterAll.`,
    );
    error.stack = error.message;
    return [error];
  }
}

module.exports = LeakCheckingEnvironment;
