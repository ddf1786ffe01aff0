'use strict';

const assert = require('node:assert/strict');
const { useCertificates } = require('../../support/certificates');
const { useServer } = require('../../support/connections');
const { NameServer, runWithNameServer, useNameServer } = require('../../support/dns');
const impl = require('../../support/impl');

/** Nobody who answers is waited for that long, nor is an operation; what is refused here is refused by what DNS says. */
const PLAIN = { serverSelectionTimeoutMS: 20_000, tls: false };
const SRV = '_mongodb._tcp.cluster.shop.example';

/** In the process: opens a store of each implementation, and prints which hosts it was connected to, or what its callback got. */
const SCRIPT = `
  const dns = require('dns');
  const open = (name) => new Promise((resolve) => {
    const Store = require(modules[name])(require('express-session'));
    const store = new Store({ uri, connectionOptions }, async (error) => {
      const { code, message } = error?.cause ?? error ?? {};
      const told = error ? message.replace('Error connecting to db: ', '') : await store.client.db('admin').command({ hello: 1 }).then(({ ok }) => 'connected ' + ok);
      await store.client?.close();
      resolve([name, told]);
    });
    store.on('error', () => {});
    store.initialConnectionPromise?.catch(() => {});
  });
  Promise.all(Object.keys(modules).map(open)).then((entries) => console.log(JSON.stringify(Object.fromEntries(entries))));
`;

describe('DNS as this Node process does it', () => {
  const names = useNameServer();
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca', names: ['DNS:db.shop.example'] });
  });
  const server = useServer();
  const encrypted = useServer(() => ({
    args: [
      '--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificates.file('server.pem'),
      '--tlsCAFile', certificates.file('ca.crt'), '--tlsAllowConnectionsWithoutCertificates'
    ]
  }));
  const URI = 'mongodb+srv://cluster.shop.example/';
  const HOST = { 'db.shop.example': { A: ['127.0.0.1'] } };

  beforeEach(() => {
    names.asked.length = 0;
    names.table = { ...HOST, 'cluster.shop.example': {}, [SRV]: { SRV: [{ name: 'db.shop.example', port: server.port }] } };
  });

  /** What both implementations say in a process that asks the name server. */
  async function inProcess({ uri = URI, options = PLAIN, first = '', lines, from = names.address, who = ['ours', 'original'] } = {}) {
    const modules = Object.fromEntries(who.map((name) => [name, impl.load(name).modules.factory]));
    const head = `const [modules, uri, connectionOptions] = ${JSON.stringify([modules, uri, options])};`;
    return JSON.parse(await runWithNameServer(from, `${head}\n${first}\n${SCRIPT}`, 50_000, lines));
  }
  const connects = async (how) => assert.deepEqual(await inProcess(how), { ours: 'connected 1', original: 'connected 1' });
  const isRefused = async (how, reason) => {
    const { ours, original } = await inProcess(how);
    assert.equal(ours, original);
    assert.match(ours, reason);
  };

  it('dns.setServers() counts for the records of mongodb+srv', async () => {
    const system = await new NameServer().open();
    // Hosts themselves are looked up by the system, by Node as well.
    system.table = HOST;
    try {
      await isRefused({ from: system.address }, /^querySrv ENOTFOUND _mongodb\._tcp\.cluster\.shop\.example$/);
      await connects({ from: system.address, first: `require('dns').setServers(['${names.address}']);` });
    } finally {
      system.close();
    }
  });

  it('what an application has put in the place of resolveSrv and resolveTxt is asked', async () => {
    names.table = HOST;
    const first = `
      require(modules.ours);
      require('dns').promises.resolveSrv = async (name) => name === '${SRV}' ? [{ name: 'db.shop.example', port: ${server.port} }] : [];
      require('dns').promises.resolveTxt = async () => [['authSource=', 'admin']];`;
    await connects({ first });
  });

  it('names are asked for exactly as they are', async () => {
    names.table[`${SRV}.corp.example`] = { SRV: [{ name: 'nobody.corp.example', port: 1 }] };
    names.table['cluster.shop.example.corp.example'] = { TXT: [['no option of anything']] };
    await connects({ lines: ['search corp.example', 'options ndots:9'] });
    const asked = names.asked.filter((question) => /^(SRV|TXT) /.test(question));
    assert.deepEqual([...new Set(asked)].sort(), [`SRV ${SRV}`, 'TXT cluster.shop.example']);
  });

  it('a name that only a search domain has is none', async () => {
    names.table = { ...HOST, [`${SRV}.corp.example`]: names.table[SRV] };
    await isRefused({ lines: ['search corp.example'] }, /^querySrv ENOTFOUND/);
  });

  describe('a TXT record', () => {
    it('may be missing, and its name as well', async () => {
      await connects();
      delete names.table['cluster.shop.example'];
      await connects();
    });

    it('that the name server does not know of fails as with the original', async () => {
      names.table['cluster.shop.example'] = { failing: ['TXT'] };
      await isRefused({}, /^queryTxt ESERVFAIL cluster\.shop\.example$/);
    });

    it('with an empty option fails as with the original', async () => {
      names.table['cluster.shop.example'] = { TXT: [['authSource=']] };
      await isRefused({}, /^Cannot have empty URI params in DNS TXT Record$/);
    });

    it('that is about a load balancer goes with one host', async () => {
      names.table['cluster.shop.example'] = { TXT: [['loadBalanced=true']] };
      names.table[SRV].SRV.push({ name: 'other.shop.example', port: 1 });
      await isRefused({}, /^loadBalanced option only supported with a single host in the URI$/);
    });
  });

  it('a host in a domain of its own has one level more than the name', async () => {
    names.table = { '_mongodb._tcp.shop.example': { SRV: [{ name: 'shop.example', port: server.port }] } };
    await isRefused({ uri: 'mongodb+srv://shop.example/' }, /^Server record does not have at least one more domain level than parent URI$/);
    names.table = { ...HOST, '_mongodb._tcp.shop.example': { SRV: [{ name: 'db.shop.example', port: server.port }] } };
    await connects({ uri: 'mongodb+srv://shop.example/' });
  });

  it('a domain that only ends like the name\'s is another one', async () => {
    names.table[SRV] = { SRV: [{ name: 'db.not-shop.example', port: server.port }] };
    await isRefused({}, /^Server record does not share hostname with parent URI$/);
  });

  describe('a final dot', () => {
    it('in a name for mongodb+srv', () => connects({ uri: 'mongodb+srv://cluster.shop.example./' }));
    it('in a host', () => connects({ uri: `mongodb://db.shop.example.:${server.port}/` }));

    for (const [title, trusted] of Object.entries({
      'a file': () => ({ tlsCAFile: certificates.file('ca.crt') }),
      'memory': () => ({ ca: certificates.read('ca.crt') })
    })) {
      it(`in a host with TLS and an authority of ${title}`, async () => {
        const options = { ...PLAIN, tls: true, ...trusted() };
        await connects({ uri: `mongodb://db.shop.example.:${encrypted.port}/`, options });
      });
    }
  });

  it('a process does not stay for a name server that does not answer', async () => {
    names.table[SRV] = null;
    const started = Date.now();
    const { ours } = await inProcess({ who: ['ours'], options: { ...PLAIN, serverSelectionTimeoutMS: 1000 } });
    assert.equal(ours, `querySrv ETIMEOUT ${SRV}`);
    // With Node.js' own patience it would be half a minute.
    assert.ok(Date.now() - started < 15_000, `${Date.now() - started} ms`);
  });
});
