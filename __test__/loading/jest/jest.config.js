'use strict';

/** Run by `../jest.test.js`. Code is loaded as it is, in the context that jest makes for each file. */
module.exports = {
  rootDir: __dirname,
  testMatch: ['<rootDir>/*.jest.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 60000
};
