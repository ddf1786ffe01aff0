'use strict';

/** Reads what declaration files say, with TypeScript's own eyes. */

const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

const ROOT = path.join(__dirname, '..', '..');

/**
 * @param {string} file a declaration file, from the repository's root
 * @returns {{values: Set<string>, members: function(string): Map<string, boolean>}} `values`: the exports that
 *   exist at run time. `members(name)`: the members of an exported class or interface that are declared in this
 *   repository, each with whether it is on the prototype (a method or a getter)
 */
function surfaceOf(file) {
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    strict: true
  };
  // As in an application without the package mongodb, whose classes would take the place of ours.
  const host = ts.createCompilerHost(options);
  const { fileExists } = host;
  host.fileExists = (name) => !name.includes('/node_modules/mongodb/') && fileExists(name);
  const program = ts.createProgram([path.join(ROOT, file)], options, host);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path.join(ROOT, file)));
  const all = new Map(checker.getExportsOfModule(module).map((symbol) => {
    return [symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol];
  }));
  const isOurs = (symbol) => symbol.declarations.some((declaration) => {
    const { fileName } = declaration.getSourceFile();
    return fileName.startsWith(ROOT.replaceAll(path.sep, '/')) && !fileName.includes('node_modules');
  });
  return {
    values: new Set([...all].filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value).map(([name]) => name)),
    members(name) {
      const properties = checker.getDeclaredTypeOfSymbol(all.get(name)).getProperties().filter(isOurs);
      const onPrototype = ts.SymbolFlags.Method | ts.SymbolFlags.Accessor;
      return new Map(properties
        .filter((property) => !property.name.startsWith('__@'))
        .map((property) => [property.name, (property.flags & onPrototype) !== 0]));
    }
  };
}

/**
 * Finds what nobody explains. One explanation is enough for all signatures of a method, and what is inside of a
 * type's expression needs none.
 *
 * @param {string} file a declaration file, from the repository's root
 * @returns {string[]} exported declarations, and their members, without a comment
 */
function undocumented(file) {
  const source = ts.createSourceFile(file, fs.readFileSync(path.join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const documented = new Map();
  const visit = (node, owner) => {
    if (ts.isModuleDeclaration(node)) {
      node.body.statements.forEach((statement) => visit(statement, owner));
      return;
    }
    const isOwner = ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node);
    if (ts.isExportDeclaration(node) || ts.isImportDeclaration(node) || !node.name) return;
    const isPrivate = !isOwner && !owner && !ts.getCombinedModifierFlags(node) && file.startsWith('lib');
    if (!isPrivate) {
      const name = owner ? `${owner}.${node.name.getText()}` : node.name.getText();
      documented.set(name, documented.get(name) || ts.getJSDocCommentsAndTags(node).length > 0);
    }
    if (isOwner) node.members.forEach((member) => visit(member, node.name.getText()));
  };
  source.statements.forEach((statement) => visit(statement, ''));
  return [...documented].filter(([, has]) => !has).map(([name]) => name);
}

module.exports = { surfaceOf, undocumented };
