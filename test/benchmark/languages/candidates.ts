/** What is compared. Libraries with native code are left out: the pack must install without one. */
export interface Candidate {
	name: string;
	/** The file in `adapters` that makes its answers comparable. */
	adapter: string;
	/** The package, for version and licence; none for the pack itself. */
	package?: string;
	/** When this version came out, by its repository; unknown where there is none. */
	released?: string;
	/** Which of several builds of the library: what `variant` means in the adapter. */
	variant?: string;
	/** For the pack: whose letter statistics it works with. */
	statistics?: string;
	/** Whether it can be told which languages to expect. */
	restrictable?: boolean;
	/** What it needs at run time that cannot be in a bundle, in its package. */
	files?: string[];
	/** The licence where the package's own description says too little. */
	licence?: string;
}

const pack = (name: string, statistics: string, variant?: string): Candidate => ({
	name,
	adapter: 'pack',
	statistics,
	variant,
	licence: 'MIT',
});

const eld = (size: string): Candidate => ({
	name: `eld ${size}`,
	adapter: 'eld',
	package: 'eld',
	released: '2026-07',
	variant: `eld/${size}`,
	restrictable: true,
});

const tinyld = (name: string): Candidate => ({
	name: name.replace('/', ' '),
	adapter: 'tinyld',
	package: 'tinyld',
	released: '2023-05',
	variant: name,
	restrictable: true,
});

const franc = (name: string): Candidate => ({
	name,
	adapter: 'franc',
	package: name,
	released: '2024-01',
	variant: name,
	restrictable: true,
});

export const PACK = pack('**the pack**', 'tinyld');

export const CANDIDATES: Candidate[] = [
	PACK,
	pack('the pack, without statistics', './statistics/none.mjs'),
	pack('the pack, with tinyld heavy', 'tinyld/heavy'),
	pack('the pack, with eld extrasmall', './statistics/eld.mjs', 'eld/extrasmall'),
	pack('the pack, with eld small', './statistics/eld.mjs', 'eld/small'),
	pack('the pack, with eld large', './statistics/eld.mjs', 'eld/large'),
	eld('extrasmall'),
	eld('small'),
	eld('medium'),
	eld('large'),
	tinyld('tinyld/light'),
	tinyld('tinyld'),
	tinyld('tinyld/heavy'),
	franc('franc-min'),
	franc('franc'),
	franc('franc-all'),
	{
		name: 'lande',
		adapter: 'lande',
		package: 'lande',
		released: '2023-01',
		restrictable: true,
		licence: 'MIT',
	},
	{
		name: 'NLP.js',
		adapter: 'nlpjs',
		package: '@nlpjs/language',
		released: '2022-12',
		restrictable: true,
	},
	{
		name: 'languagedetect',
		adapter: 'languagedetect',
		package: 'languagedetect',
		released: '2019-11',
		restrictable: true,
		licence: 'BSD',
	},
	{
		name: 'CLD3',
		adapter: 'cld3',
		package: 'cld3-asm',
		released: '2023-12',
		files: ['dist/cjs/lib/node/cld3.js'],
	},
	{
		name: 'fastText lid.176.ftz',
		adapter: 'fasttext',
		package: 'fasttext.wasm.js',
		released: '2024-04',
		restrictable: true,
		files: [
			'dist/core/fastText.node.js',
			'dist/core/fastText.node.wasm',
			'dist/models/language-identification/assets/lid.176.ftz',
		],
		licence: 'MIT, the model CC BY-SA 3.0',
	},
	{
		name: 'Lingua',
		adapter: 'lingua',
		package: '@bluzzi/lingua',
		restrictable: true,
		files: ['src/lingua.js', 'src/lingua_bg.wasm'],
	},
];
