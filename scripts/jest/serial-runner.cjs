'use strict';

const { default: TestRunner } = require('jest-runner');

/**
 * Runs the files of a project one after another, whatever --maxWorkers says: Jest has no such setting per
 * project.
 */
class SerialRunner extends TestRunner {
  constructor(globalConfig, context) {
    super({ ...globalConfig, maxWorkers: 1 }, context);
  }
}

module.exports = SerialRunner;
