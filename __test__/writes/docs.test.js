'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { ROOT } = require('../support/impl');
const { useStores } = require('../support/stores');

const PAGE = fs.readFileSync(path.join(ROOT, 'docs', 'saving.md'), 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```javascript\n([\s\S]*?)```/g)].map(([, code]) => code);

describe('docs/saving.md', () => {
  const stores = useStores();

  it('has one example for each option', () => {
    assert.equal(EXAMPLES.length, 3);
  });

  for (const code of EXAMPLES) {
    it(`runs: ${code.trim()}`, async () => {
      const MongoDBStore = require(ROOT)(require('express-session'));
      const store = stores.track(new Function('MongoDBStore', 'uri', `${code}; return store;`)(MongoDBStore, stores.uri));
      await store.initialConnectionPromise;
      const option = /(\w+): (?:true|60 \* 60)/.exec(code)[1];
      assert.deepEqual(store.options[option], option === 'touchAfter' ? 3600 : true);
      const session = { cookie: {} };
      await store.set('a', session);
      assert.deepEqual(await store.get('a'), session);
    });
  }
});
