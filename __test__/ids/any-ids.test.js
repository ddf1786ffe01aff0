'use strict';

const assert = require('node:assert/strict');
const { useStores } = require('../support/stores');

const session = (more) => ({ cookie: { path: '/' }, ...more });

describe('session ids', () => {
  const stores = useStores();

  const INJECTIONS = {
    'an operator': { $ne: null }, 'a regular expression': { $regex: '.*' }, 'an array': ['a'], 'a String object': Object('a'),
    'an object with toString': { toString: () => 'a' }, 'a number': 7, 'a RegExp': /a/, 'null': null, 'undefined': undefined
  };
  for (const [title, id] of Object.entries(INJECTIONS)) {
    it(`are strings: ${title} reaches nothing`, async () => {
      const store = await stores.connected();
      await store.set('a', session());
      await store.set('7', session());
      const calls = [() => store.get(id), () => store.set(id, session({ forged: true })), () => store.touch(id, session())];
      // An array of strings is what destroy takes.
      if (!Array.isArray(id)) calls.push(() => store.destroy(id));
      for (const work of calls) await assert.rejects(work(), { name: 'TypeError', message: /the session id must be a string; got / });
      assert.deepEqual((await store.ids()).sort(), ['7', 'a']);
      assert.equal((await store.get('a')).forged, undefined);
    });
  }

  const STRANGE = {
    'empty': '', 'with a null byte': 'a\0b', 'a field path': 'session.cookie', 'an operator as text': '$where', '__proto__': '__proto__',
    'beyond ASCII': 'ä€😀', 'of 100,000 characters': 'x'.repeat(100_000)
  };
  for (const [title, id] of Object.entries(STRANGE)) {
    it(`may be any string, and name only themselves: ${title}`, async () => {
      const store = await stores.connected();
      await store.set('other', session({ mine: false }));
      await store.set(id, session({ mine: true }));
      assert.equal((await store.get(id)).mine, true);
      await store.destroy(id);
      assert.equal(await store.get(id), undefined);
      assert.equal((await store.get('other')).mine, false);
    });
  }
});
