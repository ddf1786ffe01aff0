'use strict';

/**
 * Applications that are bundled: with each tool as docs/platforms.md says, from the packed packages, then run in a
 * directory that has no `node_modules`.
 */

const assert = require('assert/strict');
const fs = require('fs');
const path = require('path');
const { install: runtime } = require('../runtime');

/** Fixed versions: what is tested should not change by itself. */
const TOOLS = [
  'esbuild@0.28.2', 'webpack@5.112.2', 'node-loader@2.1.0', 'rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3',
  '@rollup/plugin-commonjs@29.0.3', '@rollup/plugin-json@6.1.0', '@vercel/ncc@0.45.0', '@vercel/nft@1.11.5'
];
const NEXT = ['next@16.4.6', 'react@19', 'react-dom@19'];
const OUTPUT = 'ada true';

/** Two threads, so that a bundle that carries the addon is seen to share it. */
const APP = `
const { Worker, isMainThread } = require('worker_threads');
const session = require('express-session');
const MongoDBStore = require('connect-mongodb-session')(session);
const { MongoClient } = require('connect-mongodb-session/driver');
const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'sessions' }, async (failed) => {
  if (failed) throw failed;
  await store.set('sid', { cookie: {}, user: 'ada' });
  const found = await store.get('sid');
  await store.close();
  if (!isMainThread) return;
  const tell = () => console.log(found.user, store.client instanceof MongoClient);
  if (process.argv.includes('alone')) return tell();
  const worker = new Worker(process.argv[1]);
  worker.on('error', (error) => { throw error; });
  worker.on('exit', tell);
});
`;
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

const esbuild = (options) => `require('esbuild').build({
  entryPoints: ['app.js'], bundle: true, platform: 'node', outdir: 'out', logLevel: 'error', ...${JSON.stringify(options)}
}).catch(() => process.exit(1));`;

const webpack = (module) => `require('webpack')({
  mode: 'production', target: 'node', entry: './app.js', output: { path: __dirname + '/out', filename: 'app.js' }, module: ${module}
}, (error, stats) => {
  if (error || stats.hasErrors()) { console.error(error || stats.toString('errors-only')); process.exit(1); }
});`;

const rollup = (format) => `(async () => {
  const plugins = [require('@rollup/plugin-node-resolve').default({ preferBuiltins: true }), require('@rollup/plugin-commonjs')(), require('@rollup/plugin-json')()];
  const bundle = await require('rollup').rollup({ input: 'app.js', plugins, onwarn() {} });
  await bundle.write({ file: 'out/app.${format === 'es' ? 'mjs' : 'cjs'}', format: '${format}', ${format === 'es' ? `banner: ${JSON.stringify(REQUIRE)}` : ''} });
})();`;

/** A program that builds into `out`, and the file that is run there. */
const BUNDLERS = {
  esbuild: [esbuild({}), 'app.js'],
  'esbuild, minified': [esbuild({ minify: true }), 'app.js'],
  'esbuild, an ES module': [esbuild({ format: 'esm', outExtension: { '.js': '.mjs' }, banner: { js: REQUIRE } }), 'app.mjs'],
  ...Object.fromEntries(['copy', 'file', 'binary'].map((loader) => [
    `esbuild, .node files by its loader "${loader}"`,
    [esbuild({ conditions: ['node-addons'], loader: { '.node': loader }, target: 'node18' }), 'app.js']
  ])),
  'esbuild, an ES module, .node files by its loader "copy"': [esbuild({
    conditions: ['node-addons'], loader: { '.node': 'copy' }, format: 'esm', outExtension: { '.js': '.mjs' }, banner: { js: REQUIRE }
  }), 'app.mjs'],
  webpack: [webpack('{}'), 'app.js'],
  'webpack, .node files as assets': [webpack("{ rules: [{ test: /\\.node$/, type: 'asset/resource' }] }"), 'app.js'],
  'webpack, .node files by node-loader': [webpack("{ rules: [{ test: /\\.node$/, loader: 'node-loader' }] }"), 'app.js'],
  rollup: [rollup('cjs'), 'app.cjs'],
  'rollup, an ES module': [rollup('es'), 'app.mjs'],
  '@vercel/ncc': [`require('@vercel/ncc')(__dirname + '/app.js').then(({ code, assets }) => {
    const fs = require('fs');
    fs.mkdirSync('out');
    fs.writeFileSync('out/app.js', code);
    for (const [name, { source }] of Object.entries(assets)) fs.writeFileSync('out/' + name, source);
  });`, 'app.js'],
  '@vercel/nft': [`require('@vercel/nft').nodeFileTrace(['app.js'], { base: __dirname }).then(({ fileList }) => {
    for (const file of fileList) require('fs').cpSync(file, 'out/' + file);
  });`, 'app.js']
};

/** Where nothing is but what was built. */
function elsewhere(managers, app) {
  const directory = path.join(managers.work, 'elsewhere');
  fs.rmSync(directory, { recursive: true, force: true });
  fs.cpSync(path.join(app, 'out'), directory, { recursive: true, verbatimSymlinks: true });
  fs.rmSync(path.join(app, 'out'), { recursive: true });
  return directory;
}

async function withBundlers(managers, { name, uri }) {
  const app = managers.app('bundlers');
  const temporary = path.join(managers.work, 'temporary');
  fs.mkdirSync(temporary);
  Object.assign(managers.env, { MONGODB_URI: uri, TMPDIR: temporary, TEMP: temporary });
  await managers.npm(app, 'install', name, 'express-session@1', ...TOOLS);
  fs.writeFileSync(path.join(app, 'app.js'), APP);
  for (const [title, [source, file]] of Object.entries(BUNDLERS)) {
    fs.writeFileSync(path.join(app, 'build.cjs'), source);
    await managers.node(app, 'build.cjs');
    assert.equal((await managers.node(elsewhere(managers, app), file)).trim(), OUTPUT, title);
    console.log(`  ok: ${title}`);
  }
  await withBun(managers, app);
  return withoutPlatform(managers, app);
}

async function withBun(managers, app) {
  const bun = runtime('bun');
  for (const target of ['node', 'bun']) {
    await managers.run(bun, app, ['build', 'app.js', `--target=${target}`, '--outdir=out']);
    const directory = elsewhere(managers, app);
    const said = target === 'node' ? await managers.node(directory, 'app.js') : await managers.run(bun, directory, ['app.js']);
    assert.equal(said.trim(), OUTPUT);
    console.log(`  ok: bun build --target=${target}`);
  }
  await managers.run(bun, app, ['build', 'app.js', '--compile', '--outfile=out/app']);
  // There is no file for a second thread to run.
  assert.equal((await managers.run(path.join(elsewhere(managers, app), 'app'), managers.work, ['alone'])).trim(), OUTPUT);
  console.log('  ok: bun build --compile');
}

/** A bundle that was made where the platform's package is missing: what is said, and that the package is found later. */
async function withoutPlatform(managers, app) {
  const modules = path.join(app, 'node_modules');
  const [platform] = fs.readdirSync(modules).filter((entry) => /^connect-mongodb-session-/.test(entry));
  const kept = path.join(managers.work, platform);
  fs.renameSync(path.join(modules, platform), kept);
  fs.writeFileSync(path.join(app, 'build.cjs'), esbuild({}));
  await managers.node(app, 'build.cjs');
  const directory = elsewhere(managers, app);
  await assert.rejects(managers.node(directory, 'app.js'), ({ message }) => message.includes(platform) && /bundle/.test(message));
  console.log('  ok: without the platform\'s package, says what is missing');
  fs.cpSync(kept, path.join(directory, 'node_modules', platform), { recursive: true });
  assert.equal((await managers.node(directory, 'app.js')).trim(), OUTPUT);
  const [binary] = fs.readdirSync(kept).filter((file) => file.endsWith('.node'));
  fs.rmSync(path.join(directory, 'node_modules'), { recursive: true });
  fs.copyFileSync(path.join(kept, binary), path.join(directory, binary));
  assert.equal((await managers.node(directory, 'app.js')).trim(), OUTPUT);
  console.log('  ok: with the package or its file beside the bundle');
}

const ROUTE = `
import session from 'express-session';
import factory from 'connect-mongodb-session';
const MongoDBStore = factory(session);
export const dynamic = 'force-dynamic';
export async function GET() {
  const store = new MongoDBStore({ uri: process.env.MONGODB_URI, collection: 'next' });
  await store.set('sid', { cookie: {}, user: 'ada' });
  const { user } = await store.get('sid');
  await store.close();
  return new Response(user);
}
`;
const LAYOUT = 'export default function Layout({ children }) { return <html><body>{children}</body></html>; }\n';

/** `next build` with `output: 'standalone'`, whose folder then runs elsewhere. */
async function withNext(managers, { name, uri }) {
  const app = managers.app('next');
  Object.assign(managers.env, { MONGODB_URI: uri, NEXT_TELEMETRY_DISABLED: '1' });
  await managers.npm(app, 'install', name, 'express-session@1', ...NEXT);
  fs.mkdirSync(path.join(app, 'app', 'api'), { recursive: true });
  fs.writeFileSync(path.join(app, 'app', 'layout.js'), LAYOUT);
  fs.writeFileSync(path.join(app, 'app', 'api', 'route.js'), ROUTE);
  const next = path.join(app, 'node_modules', 'next', 'dist', 'bin', 'next');
  for (const [title, options, flags] of [
    ['without configuration', '', []],
    ['serverExternalPackages', "serverExternalPackages: ['connect-mongodb-session'],", []],
    ['webpack, serverExternalPackages', "serverExternalPackages: ['connect-mongodb-session'],", ['--webpack']]
  ]) {
    fs.writeFileSync(path.join(app, 'next.config.mjs'), `export default { output: 'standalone', outputFileTracingRoot: import.meta.dirname, ${options} };\n`);
    fs.rmSync(path.join(app, '.next'), { recursive: true, force: true });
    await managers.node(app, next, 'build', ...flags);
    fs.renameSync(path.join(app, '.next', 'standalone'), path.join(app, 'out'));
    assert.equal(await managers.served(elsewhere(managers, app), 'server.js', '/api'), 'ada');
    console.log(`  ok: next build, ${title}`);
  }
}

module.exports = { withBundlers, withNext };
