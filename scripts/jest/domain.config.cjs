'use strict';

/** Unit tests alone, in Jest's own environment: StrykerJS wraps the environment to see which test runs which line. */
const { projects } = require('../../jest.config.js');

const unit = projects.find(({ displayName }) => displayName === 'unit');

module.exports = { ...unit, testEnvironment: 'node', testEnvironmentOptions: {} };
