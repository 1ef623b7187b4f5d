import { buildPack } from './pack';

/** Builds the pack when a source is newer than `dist`: `node test/host/run-ts.js test/host/build.ts`. */
buildPack().catch((error: Error) => {
	process.stderr.write(`${error.message}\n`);
	process.exitCode = 1;
});
