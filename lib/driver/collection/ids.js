'use strict';

/**
 * Gives a document an `_id` unless it has one, or the server is to.
 *
 * @param {Collection} collection
 * @param {object} document is changed, as in the Node driver
 * @param {{forceServerObjectId?: boolean}} options
 * @returns {object} the document
 */
function addId(collection, document, options) {
  if (options.forceServerObjectId ?? collection.db.options.forceServerObjectId ?? false) return document;
  if (document._id == null) document._id = collection.db.options.pkFactory.createPk();
  return document;
}

module.exports = { addId };
