#!/usr/bin/env node
'use strict';

/**
 * The JavaScript of the published package: one readable file for each entry, with a source map.
 *
 *     node tools/release/bundles.js OUT
 *
 * The entries are those that `exports` in package.json names. The modules of the first one, `.`, are in several files,
 * by when a process loads them (`PARTS`): Node.js looks at every character of a file before it runs the first line.
 *
 * The other entries take from these files what they share, so that `store.client instanceof MongoClient` holds for the
 * `MongoClient` of `connect-mongodb-session/driver`. Packages stay outside: nothing of node_modules is bundled.
 *
 * Steps:
 * 1. {@link partsOf} asks a process of its own when it loads which module.
 * 2. Each file is bundled once to see which modules of the other files it asks for (`asked`).
 * 3. The main entry's files are bundled again, and give each other what was asked for, by name.
 */

const { execFileSync } = require('child_process');
const esbuild = require('esbuild');
const fs = require('fs');
const path = require('path');

const ROOT = path.join(__dirname, '..', '..');
/** The files beside the main entry's own, which has what a process loads until a store begins to connect. */
const PARTS = {
  /** What a store loads while the background thread connects. */
  whileConnecting: 'while-connecting.js',
  /** What is loaded when an option or a method first needs it. */
  onDemand: 'on-demand.js'
};
/** @returns {boolean} whether a file of the bundles asks for one of these */
function isPart(request) {
  return Object.values(PARTS).some((part) => request === `./${part}`);
}

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
 * Takes modules from other files instead of bundling them once more.
 *
 * @param {Map<string, string>} files by module: which file has it
 * @param {string} own the file that is bundled, which has its own modules
 * @param {Map<string, Set<string>>} asked gets the names of those that are needed, by file
 * @param {function(string): string} from an expression: the function of a file that gives a module by its name
 */
function taking(files, own, asked, from) {
  return {
    name: 'taking',
    setup(build) {
      build.onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path: request, resolveDir, namespace }) => {
        // The other file itself: it is there when this one runs.
        if (namespace === 'taken' || isPart(request)) return { path: request, external: true };
        const file = require.resolve(path.resolve(resolveDir, request));
        const owner = files.get(named(file));
        return owner === undefined || owner === own ? { path: file } : { path: named(file), namespace: 'taken' };
      });
      build.onResolve({ filter: /^bundles:/ }, ({ path: name }) => ({ path: name.replace('bundles:', ''), namespace: 'bundles' }));
      build.onLoad({ filter: /.*/, namespace: 'taken' }, ({ path: name }) => {
        const owner = files.get(name);
        asked.get(owner).add(name);
        return { contents: `module.exports = ${from(owner)}(${JSON.stringify(name)});`, resolveDir: ROOT };
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
 * The main entry loads its other files when they are needed, and gives each a way to the modules of all. So no file asks
 * another one for anything before that is complete.
 */
function writeMain(main, out, files, asked) {
  const parts = Object.values(PARTS);
  return writeBundle(main, out, {
    contents: `const files = require('bundles:files');
module.exports = require('./${main}');
Object.defineProperty(module.exports, ${MODULES}, { value: files });
`,
    plugins: [
      taking(files, main, asked, (owner) => `require('bundles:${owner}')`),
      making({
        files: `module.exports = (file) => {
  switch (file) {
${[main, ...parts].map((file) => `    case '${file}': return require('bundles:${file}');\n`).join('')}  }
};`,
        [main]: `module.exports = ${given(asked.get(main))};`,
        ...Object.fromEntries(parts.map((file) => [file, `module.exports = require('./${file}')(require('bundles:files'));`]))
      })
    ]
  });
}

function writePart(part, out, files, asked) {
  return writeBundle(part, out, {
    contents: `const files = require('bundles:files');
module.exports = (of) => {
  files.of = of;
  return ${given(asked.get(part))};
};
`,
    plugins: [taking(files, part, asked, (owner) => `require('bundles:files').of('${owner}')`), making({ files: 'exports.of = undefined;' })]
  });
}

/** Another entry, which has the main one behind it. */
function writeOther(entry, out, main, files, asked) {
  const place = path.posix.relative(path.posix.dirname(entry), main);
  const from = `require('${place.startsWith('.') ? place : `./${place}`}')[${MODULES}]`;
  return writeBundle(entry, out, { plugins: [taking(files, entry, asked, (owner) => `${from}('${owner}')`)] });
}

/**
 * @param {string} main
 * @param {string[]} modules that the main entry loads at some time
 * @returns {Map<string, string>} by module the file that it belongs to: the main one for what is loaded at once, or by a
 *   store that reads its connection string; another one for what is loaded while a store connects, or later
 */
function partsOf(main, modules) {
  const script = `const Store = require('./${main}')(require('express-session'));
    require('./lib/connection').parse('mongodb+srv://user:password@example.com/?retryWrites=true&w=majority');
    const loaded = () => Object.keys(require.cache);
    const parts = [loaded()];
    const session = { cookie: {} };
    for (const uri of ['mongodb://localhost/', 'mongodb+srv://sessions.invalid/']) {
      const store = new Store({ uri }, () => {});
      for (const [method, ...given] of [['get'], ['set', session], ['touch', session], ['destroy']]) store[method]('id', ...given, () => {});
    }
    parts.push(loaded());
    require('fs').writeSync(1, JSON.stringify(parts));
    // None of the stores is waited for.
    process.exit();`;
  const [atOnce, whileConnecting] = JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' }))
    .map((files) => new Set(files.map(named)));
  const partOf = (name) => {
    if (atOnce.has(name)) return main;
    return whileConnecting.has(name) ? PARTS.whileConnecting : PARTS.onDemand;
  };
  return new Map(modules.map((name) => [name, partOf(name)]));
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
    ...(!isPart(`./${entry}`) && { footer: { js: nameList(entry) } }),
    metafile: true,
    write: false,
    logLevel: 'warning',
    plugins: [...plugins, manifest, places]
  });
  for (const { path: file, text } of outputFiles) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, file.endsWith('.map') ? withoutPlaces(text, path.dirname(file)) : compiledAtOnce(inAscii(text, entry), entry));
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

/**
 * Puts the function of each module into parentheses. V8 takes that as a sign that a function is called soon and compiles
 * it with the file; otherwise it would go through the module's text a second time when the module is first asked for.
 * The lines stay as the source map has them.
 */
function compiledAtOnce(text, entry) {
  let begun = 0;
  const opened = text.replace(/^(var \w+ = __commonJS\(\{\n {2}"[^"\n]+")(\(.*\) \{\n)/gm, (_, name, head) => {
    begun++;
    return `${name}: (function${head}`;
  });
  let ended = 0;
  const closed = opened.replace(/^ {2}\}\n\}\);$/gm, () => {
    ended++;
    return '  })\n});';
  });
  const modules = text.split('= __commonJS({').length - 1;
  if (begun !== modules || ended !== modules) throw new Error(`${entry} has ${modules} modules, of which ${begun} begin and ${ended} end as expected`);
  return closed;
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
  const files = partsOf(main, await writeBundle(main, out, {}));
  const asked = new Map([main, ...Object.values(PARTS)].map((file) => [file, new Set()]));
  // What is asked of a file brings in modules that ask for more.
  for (let before = -1; before !== total(asked);) {
    before = total(asked);
    for (const entry of others) await writeOther(entry, out, main, files, asked);
    for (const part of Object.values(PARTS)) await writePart(part, out, files, asked);
    await writeMain(main, out, files, asked);
  }
  return [...entries(), ...Object.values(PARTS)].flatMap((each) => [each, `${each}.map`]);
}

function total(asked) {
  return [...asked.values()].reduce((sum, { size }) => sum + size, 0);
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

module.exports = { PARTS, entries, writeBundles };
