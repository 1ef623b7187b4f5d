'use strict';
/**
 * The second half of the build, after tsc and the copying of icons by `n8n-node build`:
 * bundles third-party code into dist, collects its licences, and removes what must not ship.
 * An installed pack has no dependencies of its own, so everything it needs is in dist.
 */
const { build } = require('esbuild');
const fs = require('node:fs');
const path = require('node:path');
const { dest, series, src } = require('gulp');

const DIST = path.join(__dirname, 'dist');
const VENDOR = path.join(DIST, 'nodes', 'vendor.js');
const LICENSES = path.join(DIST, 'THIRD-PARTY-LICENSES.txt');
/** Everything else in dist is a by-product: a copy of package.json, icons of test reports, ... */
const SHIPPED = ['credentials', 'icons', 'nodes', path.basename(LICENSES)];
/** The package loader and the type checker need these beside the compiled files. */
const UNCOMPILED = ['credentials/**/*.json', 'nodes/**/*.json'];

/** JSON files (codex, templates) that tsc did not emit; those it did are newer and left alone. */
function copyUncompiled() {
	return src(UNCOMPILED, {
		base: '.',
		// gulp 5 would decode everything as UTF-8 text.
		encoding: false,
	}).pipe(dest('dist', { overwrite: (file) => !fs.existsSync(path.join(DIST, file.relative)) }));
}

/** Replaces tsc's output of vendor.ts by one file that holds the packages themselves. */
async function bundleVendor() {
	const { metafile } = await build({
		entryPoints: ['nodes/vendor.ts'],
		outfile: VENDOR,
		allowOverwrite: true,
		bundle: true,
		platform: 'node',
		target: 'node22',
		format: 'cjs',
		// ES modules first: only they can be tree-shaken.
		mainFields: ['module', 'main'],
		treeShaking: true,
		minify: false,
		charset: 'utf8',
		legalComments: 'inline',
		// pg would use its native sister where somebody installed it; nobody does here.
		external: ['n8n-workflow', 'pg-native'],
		metafile: true,
		logLevel: 'warning',
	});
	// tsc's map belongs to the file that was just replaced.
	fs.rmSync(`${VENDOR}.map`, { force: true });
	writeLicenses(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
}

/** The folder of the package that a bundled file belongs to, or undefined for our own. */
function packageFolder(file) {
	return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** A package's licence: a file of its own, or the last section of its README. */
function licenseOf(folder) {
	const entries = fs.readdirSync(folder);
	const read = (pattern) => {
		const file = entries.find((entry) => pattern.test(entry));
		return file && fs.readFileSync(path.join(folder, file), 'utf8').trim();
	};
	const [, section] = (read(/^readme/i) ?? '').split(/^#+ *licen[cs]e *$/im);
	return read(/^(licen[cs]e|copying)/i) ?? section?.trim();
}

/** Licences of all packages of which at least one file is in the bundle. */
function writeLicenses(files) {
	const folders = [...new Set(files.map(packageFolder).filter(Boolean))].sort();
	const sections = folders.map((folder) => {
		const { name, version, license } = JSON.parse(
			fs.readFileSync(path.join(folder, 'package.json'), 'utf8'),
		);
		const text = licenseOf(folder);
		if (!text) throw new Error(`${name} has no licence text: it cannot be bundled like this`);
		return `${name} ${version} (${license})\n\n${text}`;
	});
	const rule = `\n\n${'-'.repeat(80)}\n\n`;
	const title = 'dist/nodes/vendor.js contains code of these packages:';
	fs.writeFileSync(LICENSES, `${[title, ...sections].join(rule)}\n`);
}

/** Removes what tsc or the copying of static files put into dist beside the pack. */
async function removeByProducts() {
	for (const name of fs.readdirSync(DIST)) {
		if (!SHIPPED.includes(name)) fs.rmSync(path.join(DIST, name), { recursive: true });
	}
}

exports.copyUncompiled = copyUncompiled;
exports.bundleVendor = bundleVendor;
// The licences are written last of all: they are the sign that a build came to its end.
exports.default = series(removeByProducts, copyUncompiled, bundleVendor);
