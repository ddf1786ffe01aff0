'use strict';

/** The codes of `src/submission.rs`. */
module.exports = {
  GET: 1,
  SET: 2,
  TOUCH: 3,
  DESTROY: 4,
  CLEAR: 5,
  ALL: 6,
  LENGTH: 7,
  ENSURE_INDEXES: 8,
  COMMANDS: 15,
  REPLACE: 12,
  PATCH: 13,
  PATCH_EXISTING: 14,
  CONNECT: 16,
  CLOSE: 17,
  COMMAND: 18,
  OPEN_CURSOR: 19,
  NEXT_BATCH: 20,
  CLOSE_CURSOR: 21,
  WATCH: 22
};
