'use strict';
/** After the tests: ends the PostgreSQL that was started for them. */
module.exports = async () => await globalThis.conversationsTestPostgres?.stop();
