'use strict';

/** Package managers, each set to use one registry and to leave the user's caches alone. */

const { execFileSync, spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const path = require('path');
const { freePort } = require('../mongod/ports');

/** Where they come from. Fixed versions: what is tested should not change by itself. */
const TOOLS = { pnpm: 'pnpm@12.21.0', classic: 'yarn-classic@npm:yarn@1.22.22', berry: '@yarnpkg/cli-dist@4.18.1' };
const ENTRY = { pnpm: ['pnpm', 'pnpm'], classic: ['yarn-classic', 'yarn'], berry: ['@yarnpkg/cli-dist', 'yarn'] };
const MINUTES_MS = 60_000;
/** How often a server is started on another port: between asking for one and using it somebody else may have taken it. */
const ATTEMPTS = 5;

/**
 * Runs a program to its end.
 *
 * @returns {Promise<string>} what it printed; rejects when it fails, with all that it said
 */
async function run(command, args, { cwd, env, withinMs = 20 * MINUTES_MS }) {
  const shell = process.platform === 'win32' && command === 'npm';
  const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'], timeout: withinMs });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].setEncoding('utf8').on('data', (text) => { said[stream] += text; });
  const [code, signal] = await once(child, 'close');
  if (code === 0) return said.stdout;
  throw new Error(`${[command, ...args].join(' ')} failed (${signal ?? code})\n${said.stdout}\n${said.stderr}`);
}

/** @returns {Promise<boolean>} whether a server says that it is ready, before it ends */
function isReady(child) {
  let said = '';
  return new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (/ready/i.test(said)) resolve(true);
    });
    child.once('close', () => resolve(false));
  });
}

/** PATH with Node and the least of the system's tools: nothing that could build the addon. */
function pathWithoutCompilers(work) {
  if (process.platform === 'win32') return process.env.PATH;
  const tools = path.join(work, 'bin');
  fs.mkdirSync(tools);
  for (const tool of ['node', 'npm', 'sh', 'env']) {
    const places = process.env.PATH.split(path.delimiter).map((place) => path.join(place, tool));
    const found = tool === 'node' ? process.execPath : places.find((file) => fs.existsSync(file));
    if (found) fs.symlinkSync(fs.realpathSync(found), path.join(tools, tool));
  }
  return tools;
}

class Managers {
  /**
   * @param {string} work directory for everything that they write
   * @param {string} registry its URL
   */
  constructor(work, registry) {
    this.work = work;
    this.registry = registry;
    const home = path.join(work, 'home');
    fs.mkdirSync(home);
    const userconfig = execFileSync('npm', ['config', 'get', 'userconfig'], {
      encoding: 'utf8',
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'ignore']
    }).trim();
    // Not what `npm run` has set for this package: applications are installed as from a shell.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|COREPACK)/i.test(name));
    this.env = {
      ...Object.fromEntries(inherited),
      PATH: pathWithoutCompilers(work),
      HOME: home,
      npm_config_userconfig: userconfig,
      YARN_NPM_REGISTRY_SERVER: registry,
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      // What a registry does not answer once is asked again.
      YARN_HTTP_RETRY: '6',
      npm_config_fetch_retries: '6',
      CI: '1'
    };
    delete this.env.npm_config_cache;
  }

  /** Fetches the package managers that do not come with Node. */
  async prepare() {
    this.tools = this.app('tools');
    await run('npm', ['install', '--no-audit', '--no-fund', ...Object.values(TOOLS)], { cwd: this.tools, env: this.env });
  }

  /** @returns {string} the directory of a new, empty application */
  app(name, manifest = {}) {
    const directory = path.join(this.work, 'apps', name);
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name, private: true, ...manifest }));
    fs.writeFileSync(path.join(directory, '.npmrc'), `registry=${this.registry}/\n`);
    return directory;
  }

  npm(cwd, ...args) {
    return run('npm', [...args, '--no-audit', '--no-fund'], { cwd, env: this.env });
  }

  /** @param {'pnpm'|'classic'|'berry'} tool */
  other(tool, cwd, ...args) {
    const [name, command] = ENTRY[tool];
    const directory = path.join(this.tools, 'node_modules', name);
    const { bin } = JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8'));
    const file = path.join(directory, typeof bin === 'string' ? bin : bin[command]);
    // pnpm is a native program; the others are JavaScript.
    return tool === 'pnpm' ? run(file, args, { cwd, env: this.env }) : run(process.execPath, [file, ...args], { cwd, env: this.env });
  }

  /** Runs a program of an application. */
  node(cwd, ...args) {
    return run(process.execPath, args, { cwd, env: this.env });
  }

  /** Runs any program. */
  run(program, cwd, args, env = this.env, withinMs = undefined) {
    return run(program, args, { cwd, env, withinMs });
  }

  /** Starts a server that says its URL, and takes its port from PORT; what it answers with at a path, after which it is ended. */
  async served(cwd, file, place) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const env = { ...this.env, PORT: String(await freePort()), HOSTNAME: '127.0.0.1' };
      const child = spawn(process.execPath, [file], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        if (await isReady(child)) return await (await fetch(`http://127.0.0.1:${env.PORT}${place}`)).text();
      } finally {
        child.kill();
      }
    }
    throw new Error(`${file} ended before it was ready, ${ATTEMPTS} times`);
  }
}

module.exports = { Managers };
