'use strict';

/**
 * Compiles the type tests as applications would be: one TypeScript project for each way of importing. A line
 * under `@ts-expect-error` that compiles after all is an error too.
 *
 * Run by itself, it is a lint: `node __test__/types/check.js`.
 */

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const ts = require('typescript');

const ROOT = path.join(__dirname, '..', '..');
const PROJECTS = path.join(__dirname, 'projects');

/** @returns {string[]} the projects' names */
function projects() {
  return fs.readdirSync(PROJECTS).map((file) => path.basename(file, '.json')).filter((name) => name !== 'base').sort();
}

/** How `tsc` writes what it finds. */
const FORMAT = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => '\n' };

/**
 * Compile a project without output, as `tsc --project` does, but here: a compiler that has just started is half as fast.
 *
 * @param {string} config path of its tsconfig
 * @returns {{ok: boolean, messages: string}}
 */
function compile(config) {
  let found = [];
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (diagnostic) => { found = [diagnostic]; } };
  const project = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  if (project) {
    const configFileParsingDiagnostics = ts.getConfigFileParsingDiagnostics(project);
    found = ts.getPreEmitDiagnostics(ts.createProgram({ rootNames: project.fileNames, options: project.options, configFileParsingDiagnostics }));
  }
  return { ok: found.length === 0, messages: ts.formatDiagnostics(found, FORMAT) };
}

/** @param {string} name one of `projects()` */
function check(name) {
  return compile(path.join(PROJECTS, `${name}.json`));
}

/** The type tests of what an application without the package `mongodb` has. */
const WITHOUT_MONGODB = ['facade.ts', 'factory.ts', 'methods.ts', 'subclasses.ts'];

/** Compile them in a directory where there is none: here TypeScript would find this repository's. */
function checkWithoutMongodb() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'types-without-'));
  try {
    const modules = path.join(folder, 'node_modules');
    for (const file of ['package.json', 'index.d.ts', path.join('lib', 'entries'), path.join('lib', 'types')]) {
      fs.cpSync(path.join(ROOT, file), path.join(modules, 'connect-mongodb-session', file), { recursive: true });
    }
    // Not what an old Mongoose of the tests brings along: types of a `mongodb` before its own.
    const types = fs.readdirSync(path.join(ROOT, 'node_modules', '@types')).filter((name) => name !== 'mongodb' && name !== 'bson');
    fs.mkdirSync(path.join(modules, '@types'));
    for (const name of ['bson', ...types.map((each) => path.join('@types', each))]) {
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name), 'junction');
    }
    for (const file of WITHOUT_MONGODB) fs.cpSync(path.join(__dirname, file), path.join(folder, file));
    const { compilerOptions } = JSON.parse(fs.readFileSync(path.join(PROJECTS, 'base.json'), 'utf8'));
    const config = path.join(folder, 'tsconfig.json');
    fs.writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, module: 'node16' }, files: WITHOUT_MONGODB }));
    return compile(config);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function main() {
  for (const running of [...projects().map((name) => () => check(name)), checkWithoutMongodb]) {
    const { ok, messages } = running();
    process.stdout.write(messages);
    if (!ok) process.exitCode = 1;
  }
}

if (require.main === module) main();

module.exports = { WITHOUT_MONGODB, check, checkWithoutMongodb, compile, projects };
