'use strict';

/** What is forwarded: by class, the methods that return a value and those that promise one. */
const FORWARDED = {
  MongoClient: { returning: ['startSession', 'watch', 'appendMetadata'], promising: ['withSession', 'bulkWrite'] },
  Db: {
    returning: ['watch', 'aggregate', 'runCursorCommand'],
    promising: [
      'createCollection', 'collections', 'dropCollection', 'renameCollection', 'createIndex', 'indexInformation', 'stats',
      'removeUser', 'setProfilingLevel', 'profilingLevel'
    ]
  },
  Collection: {
    returning: ['watch', 'listIndexes', 'listSearchIndexes', 'initializeOrderedBulkOp', 'initializeUnorderedBulkOp'],
    promising: [
      'bulkWrite', 'count', 'rename', 'options', 'isCapped', 'dropIndexes', 'indexInformation', 'indexExists',
      'createSearchIndex', 'createSearchIndexes', 'dropSearchIndex', 'updateSearchIndex'
    ]
  },
  Admin: {
    returning: [],
    promising: ['buildInfo', 'serverInfo', 'serverStatus', 'replSetGetStatus', 'listDatabases', 'removeUser', 'validateCollection']
  },
  FindCursor: {
    returning: ['addCursorFlag', 'min', 'max', 'returnKey', 'showRecordId', 'addQueryModifier', 'maxAwaitTimeMS', 'allowDiskUse'],
    promising: ['count', 'explain']
  },
  AggregationCursor: { returning: ['addCursorFlag'], promising: ['explain'] }
};

module.exports = { FORWARDED };
