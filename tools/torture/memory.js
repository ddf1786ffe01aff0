'use strict';

/**
 * The Rust tests under valgrind's memcheck: reads of what was freed or never written, and memory that is lost.
 *
 * The binary is what `cargo test --lib` runs. Left out are a test of thousands of random histories, which takes
 * valgrind hours and uses no other code, and one that expects a refused connection within a tenth of a second.
 */

const { execFileSync, spawn } = require('child_process');
const { once } = require('events');
const os = require('os');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..');
const SLOW = ['any_interleaving_equals_the_same_calls_one_by_one', 'a_server_that_is_not_there_is_named_in_bounded_time'];

/** @returns {string} the test binary, built if it is not there */
function testBinary() {
  const output = execFileSync('cargo', ['test', '--locked', '--lib', '--no-run', '--message-format=json'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] });
  const artifacts = output.trim().split('\n').map((line) => JSON.parse(line));
  return artifacts.filter(({ reason, executable }) => reason === 'compiler-artifact' && executable).pop().executable;
}

/** What valgrind says at its end. */
function summary(text) {
  const number = (pattern) => Number((pattern.exec(text)?.[1] ?? 'NaN').replaceAll(',', ''));
  return {
    tests: number(/test result: \w+\. (\d+) passed/),
    failed: number(/passed; (\d+) failed/),
    errors: number(/ERROR SUMMARY: ([\d,]+) errors/),
    definitelyLostBytes: /All heap blocks were freed/.test(text) ? 0 : number(/definitely lost: ([\d,]+) bytes/)
  };
}

/**
 * @returns {Promise<object>} the results, as they are written to JSON
 * @throws {Error} without valgrind or cargo
 */
async function runMemory(progress) {
  const version = execFileSync('valgrind', ['--version'], { encoding: 'utf8' }).trim();
  const binary = testBinary();
  const startedAt = Date.now();
  const args = ['--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite', '--num-callers=30', binary];
  const child = spawn('valgrind', [...args, '--test-threads=1', ...SLOW.flatMap((name) => ['--skip', name])], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data) => {
      text += data;
      for (const line of data.split('\n').filter((one) => /^test |==\d+== (Invalid|Conditional|Use of)/.test(one))) progress(line);
    });
  }
  await once(child, 'close');
  const figures = { ...summary(text), left_out: SLOW.length };
  return {
    scenario: 'memory',
    title: 'Memory',
    how: `${version}, memcheck on the Rust tests`,
    takenAt: new Date(startedAt).toISOString(),
    minutes: (Date.now() - startedAt) / 60_000,
    machine: { cpu: os.cpus()[0]?.model.trim() ?? os.arch(), cores: os.cpus().length, system: `${os.type()} ${os.release()} ${os.arch()}` },
    node: process.versions.node,
    form: 'long',
    options: {},
    contestants: {
      ours: {
        checks: [
          { promise: 'valgrind finds no errors in the Rust tests', held: figures.errors === 0 && figures.failed === 0 && figures.tests > 0, detail: `${figures.errors} in ${figures.tests} tests` },
          { promise: 'no memory is lost', held: figures.definitelyLostBytes === 0, detail: `${figures.definitelyLostBytes} bytes` }
        ],
        figures
      }
    }
  };
}

module.exports = { runMemory, summary };
