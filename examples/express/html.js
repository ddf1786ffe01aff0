'use strict';

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that is HTML already. */
class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

function insert(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(insert).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/**
 * A template whose values are escaped, unless they are HTML themselves.
 *
 * @returns {Html}
 */
function html(strings, ...values) {
  return new Html(strings.reduce((text, string, n) => text + insert(values[n - 1]) + string));
}

module.exports = { html };
