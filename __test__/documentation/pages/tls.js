'use strict';

/** Signs a certificate as docs/tls.md says, and connects to a server that has it. */

const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { useCertificates } = require('../../support/certificates');
const { useConnections } = require('../../support/connections');
const { Page } = require('../../support/markdown');
const { sharedServer } = require('../../support/server');
const { openTlsRelay } = require('../../support/tls-relay');

const page = new Page('docs/tls.md');

describe('docs/tls.md', () => {
  const connections = useConnections();
  const certificates = useCertificates((make) => {
    make.authority('ca');
    make.issue('server', { authority: 'ca' });
  });
  const directory = () => path.dirname(certificates.file('ca.crt'));

  it('how to sign a certificate again', async function sign() {
    if (process.platform === 'win32') this.skip();
    const commands = page.block('server.ext').replaceAll('db.example.com', 'localhost');
    const { status, stderr } = spawnSync('sh', ['-ec', commands], { cwd: directory(), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.match(certificates.text('server'), /Version: 3 [^]*DNS:localhost/);
    const port = Number(new URL((await sharedServer()).uri).port);
    const front = await openTlsRelay(port, { cert: certificates.read('server.crt'), key: certificates.read('server.key') });
    try {
      await connections.works(`mongodb://localhost:${front.port}/?directConnection=true`, {
        tls: true, tlsCAFile: certificates.file('ca.crt'), serverSelectionTimeoutMS: 15_000
      });
    } finally {
      front.close();
    }
  });
});
