#!/usr/bin/env node
'use strict';

/**
 * The JavaScript of the published package: one readable file for each entry, with a source map.
 *
 *     node tools/release/bundles.js OUT
 *
 * The entries are those that `exports` in package.json names. The first one, `.`, has everything that it loads at once:
 * what a process pays for when it starts. What it loads when something first needs it is in a file of its own,
 * `on-demand.js`: Node.js looks at every character of a file before it runs the first line.
 *
 * The other entries take from these two what they share, so that `store.client instanceof MongoClient` holds for the
 * `MongoClient` of `connect-mongodb-session/driver`. Packages stay outside: nothing of node_modules is bundled.
 *
 * Steps:
 * 1. {@link loadedAtStart} asks a process of its own which modules the main entry loads.
 * 2. Each file is bundled once to see which modules of the other files it asks for (`asked`).
 * 3. The two files of the main entry are bundled again, and give each other what was asked for, by name.
 */

const { execFileSync } = require('child_process');
const esbuild = require('esbuild');
const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..');
/** What the main entry loads when something first needs it. */
const ON_DEMAND = 'on-demand.js';
/** Where the other entries find the modules of the first; a symbol, because the export is a function that users see. */
const MODULES = "Symbol.for('connect-mongodb-session.modules')";
/** The directory of a file's source, in the bundle's terms. Bundled once more, as an ES module, the bundle has no `__dirname`. */
const directoryOf = (file) => {
  const bundle = "(typeof __dirname === 'string' ? __dirname : require('path').resolve(process.argv[1] ?? '', '..'))";
  return `require('path').join(${bundle}, ${JSON.stringify(path.posix.dirname(file))})`;
};
/** The bundle itself, which is the module that others have loaded; bundled once more, a file in its place. */
const placeOf = (file) => `(typeof __filename === 'string' ? __filename : require('path').join(${directoryOf(file)}, ${JSON.stringify(path.posix.basename(file))}))`;
const HEADER = `'use strict';

// Made from the sources of this package's repository by tools/release/bundles.js; the source map has them.
`;

/** @returns {string[]} the entries' files, such as `index.js`, the main one first */
function entries() {
  const { exports } = require('../../package.json');
  return Object.values(exports).map((conditions) => conditions.default).filter(Boolean).map((file) => path.posix.normalize(file));
}

/** @param {string} file below ROOT @returns {string} with slashes, on every platform */
function named(file) {
  return path.relative(ROOT, file).split(path.sep).join('/');
}

/** Leaves `__dirname` and `__filename` right though the code moves to another directory. */
const places = {
  name: 'places',
  setup(build) {
    build.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path: file }) => {
      const contents = fs.readFileSync(file, 'utf8');
      const placed = contents.replace(/\b__dirname\b/g, () => directoryOf(named(file))).replace(/\b__filename\b/g, () => placeOf(named(file)));
      return { contents: placed, loader: 'js' };
    });
  }
};

/** Of package.json what is used: which version this is. */
const manifest = {
  name: 'manifest',
  setup(build) {
    build.onLoad({ filter: /[\\/]package\.json$/, namespace: 'file' }, ({ path: file }) => {
      if (named(file) !== 'package.json') return undefined;
      const { name, version } = require('../../package.json');
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  }
};

/**
 * Takes modules from another file instead of bundling them once more.
 *
 * @param {Set<string>} modules names of those that the other file has
 * @param {Set<string>} asked gets the names of those that are needed
 * @param {string} from an expression: the function of the other file that gives a module by its name
 */
function taking(modules, asked, from) {
  return {
    name: 'taking',
    setup(build) {
      build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path: request, resolveDir, namespace }) => {
        // The other file itself: it is there when this one runs.
        if (namespace === 'taken' || request === `./${ON_DEMAND}`) return { path: request, external: true };
        const file = require.resolve(path.resolve(resolveDir, request));
        return modules.has(named(file)) ? { path: named(file), namespace: 'taken' } : { path: file };
      });
      build.onResolve({ filter: /^bundles:/ }, ({ path: name }) => ({ path: name.replace('bundles:', ''), namespace: 'bundles' }));
      build.onLoad({ filter: /.*/, namespace: 'taken' }, ({ path: name }) => {
        asked.add(name);
        return { contents: `module.exports = ${from}(${JSON.stringify(name)});`, resolveDir: ROOT };
      });
    }
  };
}

/** Modules that are made here, for `require('bundles:NAME')`. */
function making(made) {
  return {
    name: 'making',
    setup(build) {
      build.onLoad({ filter: /.*/, namespace: 'bundles' }, ({ path: name }) => ({ contents: made[name], resolveDir: ROOT }));
    }
  };
}

/** @returns {string} a function that gives those of a file's own modules that others asked for, by name */
function given(asked) {
  const cases = [...asked].sort().map((name) => `    case ${JSON.stringify(name)}: return require('./${name}');\n`).join('');
  return `(name) => {
  switch (name) {
${cases}  }
}`;
}

/**
 * The main entry loads `on-demand.js`, gives it a way to its own modules, and gets one to those in there. So neither
 * asks the other for anything before it is complete.
 */
function mainFile(main, atStart, onDemand) {
  const asked = { atStart: new Set(), onDemand: new Set() };
  return {
    asked,
    write: (out) => writeBundle(main, out, {
      contents: `const own = require('bundles:own');
module.exports = require('./${main}');
Object.defineProperty(module.exports, ${MODULES}, { value: (name) => own(name) ?? require('bundles:on-demand')(name) });
`,
      plugins: [
        taking(onDemand, asked.onDemand, "require('bundles:on-demand')"),
        making({
          own: `module.exports = ${given(asked.atStart)};`,
          'on-demand': `module.exports = require('./${ON_DEMAND}')(require('bundles:own'));`
        })
      ]
    }),
    writeOnDemand: (out) => writeBundle(ON_DEMAND, out, {
      contents: `const start = require('bundles:start');
module.exports = (modules) => {
  start.modules = modules;
  return ${given(asked.onDemand)};
};
`,
      plugins: [taking(atStart, asked.atStart, "require('bundles:start').modules"), making({ start: 'exports.modules = undefined;' })]
    })
  };
}

/**
 * @param {string} main
 * @returns {string[]} what a process loads when it loads the main entry, and reads a connection string with options
 */
function loadedAtStart(main) {
  const script = `require('./${main}');
    require('./lib/connection').parse('mongodb+srv://user:password@example.com/?retryWrites=true&w=majority');
    console.log(JSON.stringify(Object.keys(require.cache)));`;
  const files = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' }));
  return files.map(named);
}

/** Node finds the names that `import { … }` may ask for in a file's text; this line is for it, and never runs. */
function nameList(entry) {
  // For Node, `default` is the export itself, whatever a property of that name is.
  const names = Object.keys(require(path.join(ROOT, entry))).filter((name) => name !== 'default');
  return `0 && (module.exports = { ${names.join(', ')} });\n`;
}

async function writeBundle(entry, out, { contents, plugins = [] }) {
  const { metafile, outputFiles } = await esbuild.build({
    ...(contents === undefined
      ? { entryPoints: [path.join(ROOT, entry)] }
      : { stdin: { contents, resolveDir: ROOT, sourcefile: `entry-${entry}` } }),
    absWorkingDir: ROOT,
    outfile: path.join(out, entry),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    packages: 'external',
    // Node.js reads a file without other characters in half the time, and keeps it in half the memory.
    charset: 'ascii',
    legalComments: 'inline',
    sourcemap: 'linked',
    banner: { js: HEADER },
    ...(entry !== ON_DEMAND && { footer: { js: nameList(entry) } }),
    metafile: true,
    write: false,
    logLevel: 'warning',
    plugins: [...plugins, manifest, places]
  });
  for (const { path: file, text } of outputFiles) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, file.endsWith('.map') ? withoutPlaces(text, path.dirname(file)) : inAscii(text, entry));
  }
  const inputs = Object.keys(metafile.inputs).filter((name) => !/^(taken|bundles):/.test(name));
  const foreign = inputs.filter((name) => name.includes('node_modules'));
  if (foreign.length > 0) throw new Error(`the bundles have this package's own code only, but ${entry} has ${foreign.join(', ')}`);
  return inputs;
}

/** Strings are in ASCII already; comments, as far as they are kept, may have dots. */
function inAscii(text, entry) {
  const plain = text.replaceAll('…', '...');
  const [other] = /[^\p{ASCII}]/u.exec(plain) ?? [];
  if (other !== undefined) throw new Error(`the bundles are in ASCII, but ${entry} has ${JSON.stringify(other)} in a comment`);
  return plain;
}

/** A source map that names the sources as the repository does, wherever it was written. */
function withoutPlaces(text, out) {
  const map = JSON.parse(text);
  const sources = map.sources.map((source) => (/^\w+:/.test(source) ? source : named(path.resolve(out, source))));
  return JSON.stringify({ ...map, sources });
}

/**
 * Writes the bundles.
 *
 * @param {string} out directory, which is created
 * @returns {Promise<string[]>} names of the files written
 */
async function writeBundles(out) {
  const [main, ...others] = entries();
  const modules = new Set(await writeBundle(main, out, {}));
  const atStart = new Set(loadedAtStart(main).filter((name) => modules.has(name)));
  const onDemand = new Set([...modules].filter((name) => !atStart.has(name)));
  const file = mainFile(main, atStart, onDemand);
  await file.write(out);
  for (const entry of others) {
    const asked = new Set();
    const place = path.posix.relative(path.posix.dirname(entry), main);
    await writeBundle(entry, out, { plugins: [taking(modules, asked, `require('${place.startsWith('.') ? place : `./${place}`}')[${MODULES}]`)] });
    for (const name of asked) file.asked[atStart.has(name) ? 'atStart' : 'onDemand'].add(name);
  }
  await file.writeOnDemand(out);
  await file.write(out);
  return [...entries(), ON_DEMAND].flatMap((each) => [each, `${each}.map`]);
}

if (require.main === module) {
  const [out] = process.argv.slice(2);
  if (out === undefined) {
    console.error('usage: node tools/release/bundles.js OUT');
    process.exitCode = 2;
  } else {
    writeBundles(path.resolve(out)).then((files) => console.log(files.join('\n')));
  }
}

module.exports = { ON_DEMAND, entries, writeBundles };
