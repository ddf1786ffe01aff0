'use strict';

/** Connection strings and options, understood and refused as the Node driver does. */

const assert = require('node:assert/strict');
const { inspect } = require('node:util');
const ts = require('typescript');
const { OPTIONS } = require('mongodb/lib/connection_string');
const { parse } = require('../../lib/connection');
const { SECTIONS, TABLE } = require('../../lib/connection/table');
const { openClient } = require('../../lib/native/realm');
const { OBJECTS, URIS } = require('./cases');
const { DIFFERENCES, agree, agreed } = require('./differences');
const { ofDriver, ofOurs } = require('./outcomes');

/** The members of `MongoClientOptions` in the Node driver's types, inherited ones too. */
function typedOptions() {
  const file = require.resolve('mongodb/mongodb.d.ts');
  const program = ts.createProgram([file], { noLib: false, types: ['node'], skipLibCheck: true });
  const checker = program.getTypeChecker();
  const [symbol] = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
    .filter(({ name }) => name === 'MongoClientOptions');
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map(({ name }) => name);
}

describe('connection strings and options', () => {
  const cases = [...URIS.map((uri) => ({ name: uri, uri })), ...OBJECTS.map((options) => ({ name: inspect(options), uri: 'mongodb://h/db', options }))];

  for (const { name, uri, options } of cases) {
    it(`${name}, as in the Node driver or for a listed reason`, () => {
      const outcome = { uri, options, driver: ofDriver(uri, options), ours: ofOurs(uri, options) };
      assert.ok(agreed(outcome), inspect(outcome, { depth: 6 }));
      // The native half takes nothing that it does not know.
      if (outcome.ours.native) assert.ok(openClient(JSON.stringify(outcome.ours.native)) > 0);
    });
  }

  for (const difference of DIFFERENCES) {
    describe(`differ from the Node driver's, because ${difference.why}:`, () => {
      for (const [uri, options, says] of difference.cases) {
        it(`${uri} ${inspect(options)}`, () => {
          const outcome = { uri, options, driver: ofDriver(uri, options), ours: ofOurs(uri, options) };
          assert.equal(outcome.ours.error, says);
          assert.ok(!agree(outcome.driver, outcome.ours), 'there is no difference any more');
          assert.ok(agreed(outcome), inspect(outcome, { depth: 6 }));
        });
      }
    });
  }

  describe('the table of options', () => {
    const missingIn = (names) => names.filter((name) => !(name in TABLE));

    it('has every option that the Node driver reads', () => {
      assert.ok(Object.keys(OPTIONS).length > 100);
      assert.deepEqual(missingIn(Object.keys(OPTIONS)), []);
    });

    it('has every option of the types of the Node driver', function types() {
      this.timeout(120_000);
      const names = typedOptions();
      for (const known of ['maxPoolSize', 'tlsCAFile', 'ca', 'serverApi', 'promoteLongs', 'w']) assert.ok(names.includes(known), known);
      assert.deepEqual(missingIn(names), []);
    });

    it('says of each what becomes of it, and why where that is not what the driver does', () => {
      for (const [name, { use, note, description, type }] of Object.entries(TABLE)) {
        assert.ok(['mapped', 'converted', 'ignored', 'refused'].includes(use), name);
        if (use !== 'mapped') assert.ok(note, name);
        if (use === 'mapped' || use === 'converted') assert.ok(description && type, name);
      }
    });
  });

  it('no option stands in two sections', () => {
    const names = Object.values(SECTIONS).flatMap((section) => Object.keys(section));
    assert.deepEqual(names, [...new Set(names)]);
  });

  for (const [name, { use, note }] of Object.entries(TABLE)) {
    if (use === 'refused') {
      it(`${name} is refused, and the message says what to do`, () => {
        assert.throws(() => parse('mongodb://h', { [name]: { some: 'value' } }), {
          name: 'MongoCompatibilityError',
          message: `option ${name} is not supported by this store: ${note}`
        });
      });
    } else if (use === 'ignored') {
      it(`${name} is accepted and changes nothing`, () => {
        assert.deepEqual(parse('mongodb://h', { [name]: true }), parse('mongodb://h'));
        assert.deepEqual(parse(`mongodb://h/?${name.toUpperCase()}=true`), parse('mongodb://h'));
      });
    }
  }

  it('options of earlier drivers mean what they meant', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
    const { maxPoolSize, tls } = parse('mongodb://h/?ssl=true', { poolSize: 7, sslCA: [Buffer.from(pem)], sslValidate: false, sslPass: 'x' });
    assert.equal(maxPoolSize, 7);
    assert.deepEqual(tls, { enabled: true, allowInvalidCertificates: true, ca: pem, certificateKeyFilePassword: 'x' });
  });

  describe('secrets', () => {
    const SECRET = 'S3CR3T';
    const refused = [
      [`mongodb://u:${SECRET}@`],
      [`mongodb://u:${SECRET}@@h`],
      [`mongodb://u:p@${SECRET}@h`],
      [`mongodb://u:${SECRET}/x`],
      [`mongodb://u:${SECRET}/?w=1`],
      [`mongodb://h,u:${SECRET}`],
      [`mongodb://u:a:${SECRET}/x`],
      [`mongodb://[::1]:${SECRET}/x`],
      [`mongodb://u:${SECRET}@h:99999`],
      [`mongodb://u:${SECRET}@h/?foo=1`],
      [`mongodb://u:${SECRET}@h /?tls=x`],
      [`mongodb://u:${SECRET}@h/?authMechanism=FOO`],
      [`mongodb://${SECRET}/x:p@h/`],
      [`mongodb+srv://u:${SECRET}@h:1`],
      ['mongodb://h', { auth: { username: SECRET } }],
      ['mongodb://h', { key: SECRET }],
      ['mongodb://h', { proxyPassword: SECRET }],
      ['mongodb://h/?proxyHost=p', { proxyPassword: SECRET }],
      ['mongodb://h', { autoEncryption: { key: SECRET } }]
    ];
    for (const [uri, options] of refused) {
      it(`are in no error about ${uri.replace(SECRET, '…')} ${Object.keys(options ?? {})}`, () => {
        assert.throws(() => parse(uri, options), (error) => {
          assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }) + error.stack, new RegExp(SECRET));
          return true;
        });
      });
    }
  });
});
